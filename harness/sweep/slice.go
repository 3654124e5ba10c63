package sweep

import (
	"cmp"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// Slice is a sweep along one axis of numbers, all other values held.
type Slice struct {
	Key string
	// At is the axis' values in rising order, Texts the values as they were given.
	At    []float64
	Texts []string
	// Held is the other values that were swept.
	Held     []Setting
	variants []string
	points   map[place]Point
}

// Slices cuts a sweep along each of its axes of numbers.
func Slices(s Sweep) []Slice {
	var all []Slice
	for _, axis := range s.Axes {
		if axis.Swept() && axis.Numbers() != nil {
			all = append(all, along(s, axis)...)
		}
	}
	return all
}

// along cuts the sweep along an axis, a slice for each combination of the others.
func along(s Sweep, axis Axis) []Slice {
	numbers := axis.Numbers()
	order := make([]int, len(numbers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(numbers[i], numbers[j]) })
	var all []Slice
	for _, p := range s.Points {
		held := slices.DeleteFunc(slices.Clone(p.Settings), func(set Setting) bool { return set.Key == axis.Key })
		i := slices.IndexFunc(all, func(slice Slice) bool { return slices.Equal(slice.Held, held) })
		if i < 0 {
			i = len(all)
			slice := Slice{Key: axis.Key, Held: held, points: map[place]Point{}}
			for _, k := range order {
				slice.At, slice.Texts = append(slice.At, numbers[k]), append(slice.Texts, axis.Values[k])
			}
			all = append(all, slice)
		}
		if !slices.Contains(all[i].variants, p.Variant) {
			all[i].variants = append(all[i].variants, p.Variant)
		}
		all[i].points[place{p.Variant, slices.Index(all[i].Texts, p.Value(axis.Key))}] = p
	}
	return all
}

// place is where a point of a slice is: its variant and the index of its value.
type place struct {
	variant string
	index   int
}

// Curves are the metric's, one for each variant of which a figure above zero is
// known. A point that is inconclusive is not: it may have answered next to nothing.
func (s Slice) Curves(m Metric, bound float64) []Curve {
	var all []Curve
	for _, v := range s.variants {
		c := Curve{Variant: v}
		known := false
		for i := range s.At {
			value := m.valueOf(s.points[place{v, i}], bound)
			known = known || value > 0
			c.Values = append(c.Values, value)
		}
		if known {
			all = append(all, c)
		}
	}
	return all
}

// Crossovers are those along the slice.
func (s Slice) Crossovers(bound float64) []Crossover {
	return Crossovers(Metrics, s.Key, s.At, s.steady(bound))
}

// FallBehind is what falls behind along the slice.
func (s Slice) FallBehind(bound float64) []Behind {
	return FallBehind(Metrics, s.Key, s.At, s.steady(bound))
}

// steady are the curves of variants that are not expected to leak: the figures of
// one that does are those of the moment.
func (s Slice) steady(bound float64) func(Metric) []Curve {
	leaks := map[string]bool{}
	for at, p := range s.points {
		if p.Figures != nil && p.Figures.Expect == harness.ExpectLeak {
			leaks[at.variant] = true
		}
	}
	return func(m Metric) []Curve {
		return slices.DeleteFunc(s.Curves(m, bound), func(c Curve) bool { return leaks[c.Variant] })
	}
}
