package sweep

import "math"

// Behind is how a variant falls behind the best of all along an axis.
type Behind struct {
	Metric        Metric
	Variant, Best string // Best is the best one where the variant is furthest behind
	Key           string
	// Within is up to where it is within the metric's tie of the best, on the
	// straight line between From and To, the values measured on either side: zero
	// where it is behind from the smallest value on.
	Within, From, To float64
	// Factor is by how many times it is behind at most, Where the value there.
	Factor, Where float64
}

// FallBehind is every variant of the curves that falls behind, by metric. What is
// ahead of it at a value need not be ahead at another.
func FallBehind(metrics []Metric, key string, at []float64, curves func(Metric) []Curve) []Behind {
	var all []Behind
	for _, m := range metrics {
		if m.Tie == 0 {
			continue
		}
		of := curves(m)
		for _, c := range of {
			if b, ok := behind(m, at, c, of); ok {
				b.Key = key
				all = append(all, b)
			}
		}
	}
	return all
}

// behind compares a curve with the best of all at each value where it is known.
func behind(m Metric, at []float64, c Curve, all []Curve) (Behind, bool) {
	b := Behind{Metric: m, Variant: c.Variant}
	tie := math.Log(m.Tie)
	last := -1 // the last value at which it was within the tie
	for i := range at {
		if !(c.Values[i] > 0) {
			continue
		}
		best := bestAt(m, all, i)
		ratio := m.lag(c, best, i)
		switch {
		case ratio <= tie && b.To == 0:
			last = i
		case ratio > tie && b.To == 0:
			b.To = at[i]
			if last >= 0 {
				before := m.lag(c, best, last)
				if !(before <= tie) { // not known
					before = 0
				}
				b.From, b.Within = at[last], at[last]*math.Pow(at[i]/at[last], (tie-before)/(ratio-before))
			}
		}
		if factor := math.Exp(ratio); ratio > tie && factor > b.Factor {
			b.Factor, b.Where, b.Best = factor, at[i], best.Variant
		}
	}
	return b, b.To > 0
}

// bestAt is the curve that is the best of all at a value.
func bestAt(m Metric, all []Curve, i int) Curve {
	best := all[0]
	for _, c := range all[1:] {
		if !(best.Values[i] > 0) || m.lag(best, c, i) > 0 {
			best = c
		}
	}
	return best
}

// lag is the logarithm of how many times worse a is than b at a value: NaN where
// one is not known.
func (m Metric) lag(a, b Curve, i int) float64 {
	if m.More {
		return logRatio(b, a, i)
	}
	return logRatio(a, b, i)
}
