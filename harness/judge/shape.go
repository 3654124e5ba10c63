package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness/trend"
)

// shape is what a series of readings looks like.
type shape int

const (
	// shapeUnsettled: neither growth nor its absence is shown.
	shapeUnsettled shape = iota
	// shapeSteady: the upper bound of the slope is within the limit.
	shapeSteady
	// shapeGrowing: the lower bound is above the limit and the tail still grows.
	shapeGrowing
	// shapeBent: it grew, and has stopped for long enough to say so.
	shapeBent
	// shapeSawtooth: it swings, and falls back to where it was.
	shapeSawtooth
)

// Constants of the shapes.
const (
	// tailFraction is the last part of a series that must still grow for it to be
	// a leak, and tailRate the least part of the mean growth that the tail must
	// keep: a cache that fills has a leak's line until it is full.
	tailFraction = 1.0 / 3
	tailRate     = 0.25
	// bendFactor is how much the total of requests must have grown since the last
	// growth before growth counts as stopped. A map or slice of plain values that
	// doubles is flat for 1.4 to 2 times its requests; 2.5 is above both.
	bendFactor = 2.5
	// stepFraction is the part of a series' whole range below which a rise is
	// not taken for growth that goes on: a full cache still ripples.
	stepFraction = 0.05
)

// fit finds the channel's line and shape.
func (c *channel) fit(e Evidence) {
	if len(c.points) == 0 { // not read: nothing is said of it
		c.shape = shapeSteady
		return
	}
	c.line, c.fitted = trend.TheilSen(c.points, trend.Z99)
	if !c.fitted {
		return
	}
	c.findSteps(float64(e.WarmUpRequests))
	z := confidence(len(c.points) - e.Load.Segments.Min)
	for _, window := range suffixes(c.points, e.Load.Segments.Min) {
		if strict, ok := trend.TheilSen(window, z); ok && strict.Low > c.limit && tailGrows(window) {
			c.shape, c.since = shapeGrowing, window[0].X-c.points[0].X
			c.line, _ = trend.TheilSen(window, trend.Z99)
			return
		}
	}
	flat := c.flat()
	switch total := c.points[len(c.points)-1].X + float64(e.WarmUpRequests); {
	case c.span() <= c.slack, flat && c.line.High <= c.limit && c.within(c.points):
		c.shape = shapeSteady
	case c.fallsBack():
		c.shape = shapeSawtooth
	case flat && c.steps > 0 && total >= bendFactor*c.bend && c.standsStill(c.bend-float64(e.WarmUpRequests)):
		c.shape = shapeBent
	}
}

// flat tells whether the last part of the series adds nothing: it ends about
// where it began, or it reaches no new height, as ripple on a bound does not.
func (c *channel) flat() bool {
	tail := trend.Tail(c.points, tailFraction)
	before := c.points[:len(c.points)-len(tail)+1]
	return c.within(tail) || highest(tail) <= highest(before)+c.notable()
}

// standsStill tells whether a series that is read with a slack as large as some leaks
// does not grow by more than the limit since a number of requests, for certain.
func (c *channel) standsStill(since float64) bool {
	if !c.continuous {
		return true
	}
	i := slices.IndexFunc(c.points, func(p trend.Point) bool { return p.X >= since })
	line, ok := trend.TheilSen(c.points[max(0, i):], trend.Z99)
	return ok && line.High <= c.limit
}

// within tells whether a window grew by no more than its requests are allowed,
// and the slack of the runtime's own structs.
func (c *channel) within(window []trend.Point) bool {
	first, last := window[0], window[len(window)-1]
	return last.Y-first.Y <= c.limit*(last.X-first.X)+c.slack
}

// suffixes is the whole series, its last half and its last third, as far as
// they have the rounds that a verdict needs: a leak that starts late shows in
// those first.
func suffixes(points []trend.Point, rounds int) [][]trend.Point {
	n := len(points)
	windows := [][]trend.Point{points}
	for _, from := range []int{n / 2, 2 * n / 3} {
		if n-from > rounds {
			windows = append(windows, points[from:])
		}
	}
	return windows
}

// tailGrows tells whether the last part of a window keeps up with the whole.
func tailGrows(window []trend.Point) bool {
	return trend.Rate(trend.Tail(window, tailFraction)) > tailRate*trend.Rate(window)
}

// findSteps counts the rounds that left the series notably higher than it had
// ever been, and finds the last of them.
func (c *channel) findSteps(warmUp float64) {
	notable := c.notable()
	top := c.points[0].Y
	for i, p := range c.points[1:] {
		if p.Y-top > max(notable, c.limit*(p.X-c.points[i].X)) {
			c.steps++
			c.bend = p.X + warmUp
			top = p.Y
		}
	}
}

// fallsBack tells whether the series swings: it falls notably at least twice,
// and its last part comes down to the lowest of its first half, within what the
// limit allows.
func (c *channel) fallsBack() bool {
	falls, notable := 0, c.notable()
	for i, p := range c.points[1:] {
		if c.points[i].Y-p.Y > notable {
			falls++
		}
	}
	before, tail := c.points[:len(c.points)/2], trend.Tail(c.points, tailFraction)
	if falls < 2 || len(before) == 0 {
		return false
	}
	requests := tail[0].X - before[0].X
	return lowest(tail) <= lowest(before)+c.limit*requests+c.slack
}

// notable is the least rise or fall that counts as one.
func (c *channel) notable() float64 { return max(stepFraction*c.span(), c.slack) }

// span is the distance from the lowest reading to the highest.
func (c *channel) span() float64 { return highest(c.points) - lowest(c.points) }

func highest(points []trend.Point) float64 {
	high := points[0].Y
	for _, p := range points {
		high = max(high, p.Y)
	}
	return high
}

func lowest(points []trend.Point) float64 {
	low := points[0].Y
	for _, p := range points {
		low = min(low, p.Y)
	}
	return low
}
