// Package trend fits robust lines to readings. It is pure: values in, values
// out. It knows no budget and gives no verdict; package judge does. It stands
// between the checkpoints and the verdict in the flow.
package trend

import (
	"cmp"
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

// allPairs is the number of points up to which the slopes of all pairs are listed
// and sorted. A run of the largest default length has 61 points; above, slopes are
// found by their rank, which is faster from some hundred points on.
const allPairs = 200

// TheilSen fits the median of the slopes of all pairs of points (Theil 1950;
// Sen 1968, whose rank interval gives Low and High for the normal quantile z).
// It is indifferent to almost a third of wild points, and a single step of any
// height leaves Low at zero: that takes at least three steps spread over the
// series. Ties are not corrected for, which only widens the interval. Pairs with
// the same X and points that are no numbers are left out. It reports false where
// fewer than three points differ in X: then there is no interval.
func TheilSen(points []Point, z float64) (Line, bool) {
	if len(points) > allPairs {
		if usable := ascending(points); len(usable) > allPairs {
			return byRank(usable, z), true
		}
	}
	slopes := make([]float64, 0, len(points)*(len(points)-1)/2)
	for i, p := range points {
		for _, q := range points[i+1:] {
			if s := slopeOf(p, q); q.X != p.X && !math.IsNaN(s) && !math.IsInf(s, 0) {
				slopes = append(slopes, s)
			}
		}
	}
	if len(slopes) < 3 {
		return Line{N: len(points)}, false
	}
	slices.Sort(slopes)
	low, median, high := interval(len(points), len(slopes), z)
	return Line{
		Slope: slopes[median[0]]/2 + slopes[median[1]]/2,
		Low:   slopes[low], High: slopes[high], N: len(points),
	}, true
}

// interval is the ranks of the bounds of the slope of n points among a number of
// slopes, and the two of its median.
func interval(n, slopes int, z float64) (low int, median [2]int, high int) {
	points, pairs := float64(n), float64(slopes)
	spread := z * math.Sqrt(points*(points-1)*(2*points+5)/18)
	low = clamp(int(math.Floor((pairs-spread)/2))-1, slopes-1)
	high = clamp(int(math.Ceil((pairs+spread)/2)), slopes-1)
	return low, [2]int{(slopes - 1) / 2, slopes / 2}, high
}

// byRank is the line of many points, none of which share an X.
func byRank(points []Point, z float64) Line {
	n := len(points)
	low, median, high := interval(n, n*(n-1)/2, z)
	r := newRanks(points)
	line := Line{Slope: r.slope(median[0]), Low: r.slope(low), High: r.slope(high), N: n}
	if median[1] != median[0] {
		line.Slope = line.Slope/2 + r.slope(median[1])/2
	}
	return line
}

// ascending is the points by X, with one point for each X: the mean of those that
// share it.
func ascending(points []Point) []Point {
	sorted := make([]Point, 0, len(points))
	for _, p := range points {
		if finite(p.X) && finite(p.Y) {
			sorted = append(sorted, p)
		}
	}
	slices.SortStableFunc(sorted, func(p, q Point) int { return cmp.Compare(p.X, q.X) })
	merged := sorted[:0]
	for i := 0; i < len(sorted); {
		sum, same := 0.0, i
		for ; same < len(sorted) && sorted[same].X == sorted[i].X; same++ {
			sum += sorted[same].Y / float64(len(sorted))
		}
		merged = append(merged, Point{sorted[i].X, sum / float64(same-i) * float64(len(sorted))})
		i = same
	}
	return merged
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

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

func clamp(i, last int) int { return max(0, min(i, last)) }
