// Package trend fits robust lines to readings. It is pure: values in, values
// out. It knows no budget and gives no verdict; package judge does. It stands
// between the checkpoints and the verdict in the flow.
package trend

import (
	"math"
	"slices"
)

// Point is a reading Y after X requests.
type Point struct{ X, Y float64 }

// Line is a robust fit: the slope in units of Y per unit of X, and the interval
// that holds it at the confidence asked for.
type Line struct {
	Slope, Low, High float64
	// N is the number of points that the line rests on.
	N int
}

// Z99 is the standard normal quantile of a one-sided bound at 99 %; as a
// two-sided interval it covers 98 %.
const Z99 = 2.326

// exactPoints is the number of points up to which all pairs are taken: a run of
// the largest default length has 60. Above it the points are thinned evenly,
// which keeps the estimate robust and the time bounded; 1 500 points are about
// a million pairs.
const exactPoints = 1500

// TheilSen fits the median of the slopes of all pairs of points (Theil 1950;
// Sen 1968, whose rank interval gives Low and High for the normal quantile z).
// It is indifferent to almost a third of wild points, and a single step of any
// height leaves Low at zero: that takes at least three steps spread over the
// series. Ties are not corrected for, which only widens the interval. Pairs with
// the same X are left out. It reports false where fewer than three points differ
// in X: then there is no interval.
func TheilSen(points []Point, z float64) (Line, bool) {
	points = thin(points, exactPoints)
	slopes := make([]float64, 0, len(points)*(len(points)-1)/2)
	for i, p := range points {
		for _, q := range points[i+1:] {
			if s := (q.Y - p.Y) / (q.X - p.X); q.X != p.X && !math.IsNaN(s) && !math.IsInf(s, 0) {
				slopes = append(slopes, s)
			}
		}
	}
	if len(slopes) < 3 {
		return Line{N: len(points)}, false
	}
	slices.Sort(slopes)
	n := float64(len(points))
	spread := z * math.Sqrt(n*(n-1)*(2*n+5)/18)
	pairs := float64(len(slopes))
	last := len(slopes) - 1
	low := clamp(int(math.Floor((pairs-spread)/2))-1, last)
	high := clamp(int(math.Ceil((pairs+spread)/2)), last)
	return Line{Slope: middle(slopes), Low: slopes[low], High: slopes[high], N: len(points)}, true
}

// Rate is the plain growth of the points from the first to the last, in units
// of Y per unit of X, or zero where X does not move.
func Rate(points []Point) float64 {
	if len(points) < 2 {
		return 0
	}
	first, last := points[0], points[len(points)-1]
	if last.X == first.X {
		return 0
	}
	return (last.Y - first.Y) / (last.X - first.X)
}

// Tail is the last part of the points by X: those within the last fraction of
// the span, and the point before them, so that its growth is counted whole.
func Tail(points []Point, fraction float64) []Point {
	if len(points) < 2 {
		return points
	}
	first, last := points[0].X, points[len(points)-1].X
	from := last - fraction*(last-first)
	i, _ := slices.BinarySearchFunc(points, from, func(p Point, x float64) int {
		if p.X < x {
			return -1
		}
		return 1
	})
	return points[max(0, min(i, len(points)-2)):]
}

func thin(points []Point, limit int) []Point {
	if len(points) <= limit {
		return points
	}
	thinned := make([]Point, limit)
	for i := range thinned {
		thinned[i] = points[i*(len(points)-1)/(limit-1)]
	}
	return thinned
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2
}

func clamp(i, last int) int { return max(0, min(i, last)) }
