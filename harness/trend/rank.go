package trend

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// ranks finds slopes by their rank among those of all pairs of points without
// looking at all pairs: after Matoušek (1991), in expected time n·log n and with a
// few times n slopes in memory rather than n²/2.
//
// A slope of t or less between two points is an inversion of y − t·x in the order
// of x, and those are counted by merging. Samples narrow the slopes down to a few
// times n around the rank; these are then listed and sorted. The same points always
// give the same slope: the samples are drawn from a fixed seed, and decide how long
// it takes, not what is found.
type ranks struct {
	points  []Point // by X, no two the same
	random  *rand.Rand
	keys    []keyed
	scratch []keyed
	largest Point // the largest coordinates, whatever their signs
}

// keyed is a point and a key to sort by.
type keyed struct {
	key   float64
	point Point
}

func newRanks(points []Point) *ranks {
	n := len(points)
	r := &ranks{points: points, random: rand.New(rand.NewPCG(1958, 1968)), keys: make([]keyed, n), scratch: make([]keyed, n)}
	for _, p := range points {
		r.largest.X, r.largest.Y = max(r.largest.X, math.Abs(p.X)), max(r.largest.Y, math.Abs(p.Y))
	}
	return r
}

const (
	// listed is how many slopes, as a multiple of the number of points, are few
	// enough to be listed: two samples of n leave some (3/√n)²·n²/2 = 4.5·n.
	listed = 16
	// sampleSpread is the half width of a bracket, in standard deviations of the
	// rank in a sample.
	sampleSpread = 1.5
	// mostDraws bounds the draws of a sample, as a multiple of the number of points:
	// once they are narrowed down, few pairs are between the bounds.
	mostDraws = 32
	// maxNarrowings bounds the search: two or three suffice, and a bisection of all
	// that a float64 can be takes less than this.
	maxNarrowings = 200
)

// slope is the one of a rank, from zero.
func (r *ranks) slope(rank int) float64 {
	n := len(r.points)
	below, above := math.Inf(-1), math.Inf(1) // the rank's slope is between them
	fewer, upTo := 0, n*(n-1)/2               // slopes ≤ below, slopes < above
	for range maxNarrowings {
		if upTo-fewer <= listed*n {
			if between, ok := r.list(below, above); ok && len(between) > 0 {
				slices.Sort(between)
				return between[clamp(rank-fewer, len(between)-1)]
			}
		}
		for _, t := range r.bracket(below, above, float64(rank-fewer)/float64(upTo-fewer)) {
			less, notMore := r.count(t)
			switch {
			case t <= below || t >= above:
			case rank < less:
				above, upTo = t, less
			case rank >= notMore:
				below, fewer = t, notMore
			default:
				return t
			}
		}
	}
	return below/2 + above/2
}

// bracket is two slopes between the bounds that the one at a share of those there
// is likely to lie between; where next to none are found, the middle.
func (r *ranks) bracket(below, above, share float64) []float64 {
	n := len(r.points)
	sample := make([]float64, 0, n)
	for draws := mostDraws * n; len(sample) < n && draws > 0; draws-- {
		i, j := r.random.IntN(n), r.random.IntN(n)
		if i == j {
			continue
		}
		if s := slopeOf(r.points[i], r.points[j]); s > below && s < above {
			sample = append(sample, s)
		}
	}
	if len(sample) == 0 {
		return []float64{max(below, -math.MaxFloat64)/2 + min(above, math.MaxFloat64)/2}
	}
	slices.Sort(sample)
	m := float64(len(sample))
	at, spread := share*m, sampleSpread*math.Sqrt(m)
	return []float64{sample[clamp(int(at-spread), len(sample)-1)], sample[clamp(int(at+spread), len(sample)-1)]}
}

func slopeOf(p, q Point) float64 { return (q.Y - p.Y) / (q.X - p.X) }

// count is the number of slopes below t, and of those not above it. What differs
// from t by no more than the rounding of the keys is t.
func (r *ranks) count(t float64) (less, notMore int) {
	const roundings = 4 * 0x1p-52
	rounding := roundings * (r.largest.Y + math.Abs(t)*r.largest.X)
	r.sort(r.points, t, func(left, right []keyed) bool {
		less += pairs(left, right, rounding)
		notMore += pairs(left, right, -rounding)
		return true
	})
	return less, notMore
}

// pairs is the number of pairs of a left key and a right one that is less by a
// margin. Both are sorted.
func pairs(left, right []keyed, margin float64) int {
	count, i := 0, 0
	for _, q := range right {
		for i < len(left) && left[i].key < q.key+margin {
			i++
		}
		count += len(left) - i
	}
	return count
}

// list is the slopes between two bounds. It reports false where there are too many
// of them after all.
func (r *ranks) list(below, above float64) (found []float64, ok bool) {
	order := r.points
	if !math.IsInf(below, -1) {
		order = slices.Clone(r.points)
		slices.SortFunc(order, func(p, q Point) int {
			return cmp.Or(cmp.Compare(p.Y-below*p.X, q.Y-below*q.X), cmp.Compare(q.X, p.X))
		})
	}
	visited, most := 0, 4*listed*len(order)
	ok = r.sort(order, above, func(left, right []keyed) bool {
		i := 0
		for _, q := range right {
			for i < len(left) && left[i].key < q.key {
				i++
			}
			for _, p := range left[i:] {
				if s := slopeOf(p.point, q.point); s > below && s < above {
					found = append(found, s)
				}
				visited++
			}
			if visited > most {
				return false
			}
		}
		return true
	})
	return found, ok
}

// sort sorts points by y − t·x, and shows each step what it is about to merge:
// the pairs of which the left one comes first in the order that was given. It ends
// early where it is told to.
func (r *ranks) sort(order []Point, t float64, step func(left, right []keyed) bool) bool {
	for i, p := range order {
		r.keys[i] = keyed{p.Y - t*p.X, p}
		if math.IsInf(t, 1) {
			r.keys[i].key = -p.X
		}
	}
	return mergeSort(r.keys, r.scratch, step)
}

func mergeSort(keys, scratch []keyed, step func(left, right []keyed) bool) bool {
	if len(keys) < 2 {
		return true
	}
	half := len(keys) / 2
	left, right := keys[:half], keys[half:]
	if !mergeSort(left, scratch[:half], step) || !mergeSort(right, scratch[half:], step) || !step(left, right) {
		return false
	}
	merged := scratch[:0]
	i := 0
	for _, q := range right {
		for i < len(left) && left[i].key <= q.key {
			merged = append(merged, left[i])
			i++
		}
		merged = append(merged, q)
	}
	copy(keys, append(merged, left[i:]...))
	return true
}
