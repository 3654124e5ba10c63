package sweep

import "math"

// Crossover is where, along an axis, the order of two variants turns over: Lower
// has the smaller figure below At, and the larger one above.
type Crossover struct {
	Metric       Metric
	Lower, Upper string
	// Key is the axis; At is between From and To, the values on either side that
	// were measured, on the straight line between them on logarithmic scales.
	Key          string
	At, From, To float64
}

// Crossovers are those of every two variants along the axis of some curves: for
// each metric in its order, then by the variants' order.
func Crossovers(metrics []Metric, key string, at []float64, curves func(Metric) []Curve) []Crossover {
	var all []Crossover
	for _, m := range metrics {
		if m.Tie == 0 {
			continue
		}
		of := curves(m)
		for i, a := range of {
			for _, b := range of[i+1:] {
				all = append(all, crossings(m, key, at, a, b)...)
			}
		}
	}
	return all
}

// Curve is a variant's figure along an axis; NaN where it is not known.
type Curve struct {
	Variant string
	Values  []float64
}

// crossings compares two curves at the values where both are known. Figures within
// the metric's tie of each other say nothing of the order.
func crossings(m Metric, key string, at []float64, a, b Curve) []Crossover {
	var found []Crossover
	last := -1 // the last index at which one was clearly smaller
	for i := range at {
		ratio := logRatio(a, b, i)
		if !(math.Abs(ratio) >= math.Log(m.Tie)) { // NaN too
			continue
		}
		if last >= 0 && (ratio > 0) != (logRatio(a, b, last) > 0) {
			c := Crossover{Metric: m, Lower: a.Variant, Upper: b.Variant, Key: key, From: at[last], To: at[i]}
			before := logRatio(a, b, last)
			c.At = at[last] * math.Pow(at[i]/at[last], before/(before-ratio))
			if before > 0 {
				c.Lower, c.Upper = c.Upper, c.Lower
			}
			found = append(found, c)
		}
		last = i
	}
	return found
}

// logRatio is the logarithm of a figure of a in that of b: below zero where a is
// the smaller one, NaN where one is not known or is not above zero.
func logRatio(a, b Curve, i int) float64 {
	if !(a.Values[i] > 0 && b.Values[i] > 0) {
		return math.NaN()
	}
	return math.Log(a.Values[i] / b.Values[i])
}
