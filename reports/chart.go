package reports

import (
	"cmp"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// A chart of a comment is small: more lines cannot be told apart, and more points
// cannot be seen.
const (
	maxSeries   = 6
	chartPoints = 25
)

// chart is the live heap of some variants over the requests of the load that was
// asked for; without floods, whose scale is another.
type chart struct {
	axis     axis
	requests int // at the last point; the first is at 0
	series   []series
	hidden   int // variants that have no series
}

// series is a variant's live heap in MiB at evenly spaced requests.
type series struct {
	name string
	mib  []float64
}

// newChart draws accused variants first, and leaves out those that ended before
// half of what the longest was sent: the rest would be cut to their end.
func newChart(r harness.Record) chart {
	type line struct {
		name    string
		accused bool
		points  []harness.Checkpoint
	}
	var lines []line
	longest := 0
	for _, v := range r.Variants {
		points := beforeFlood(v.Checkpoints)
		if len(points) < 2 {
			continue
		}
		lines = append(lines, line{safe(v.Name), v.Verdict.Outcome == harness.Fail, points})
		longest = max(longest, lastRequest(points))
	}
	if longest == 0 {
		return chart{}
	}
	lines = slices.DeleteFunc(lines, func(l line) bool { return 2*lastRequest(l.points) < longest })
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(order(a.accused), order(b.accused)) })
	lines = lines[:min(maxSeries, len(lines))]
	c := chart{axis: axisOf(r), requests: longest, hidden: len(r.Variants) - len(lines)}
	for _, l := range lines {
		c.requests = min(c.requests, lastRequest(l.points))
	}
	for _, l := range lines {
		s := series{name: l.name}
		for i := range chartPoints {
			at := float64(c.requests) * float64(i) / (chartPoints - 1)
			s.mib = append(s.mib, liveHeapAt(l.points, at)/float64(harness.MiB))
		}
		c.series = append(c.series, s)
	}
	return c
}

func order(accused bool) int {
	if accused {
		return 0
	}
	return 1
}

func lastRequest(points []harness.Checkpoint) int { return points[len(points)-1].Requests }

// beforeFlood is the checkpoints up to the first that a flood went before.
func beforeFlood(checkpoints []harness.Checkpoint) []harness.Checkpoint {
	if i := slices.IndexFunc(checkpoints, func(c harness.Checkpoint) bool { return c.Round == harness.Flood }); i >= 0 {
		return checkpoints[:i]
	}
	return checkpoints
}

// liveHeapAt is the live heap in bytes at a number of requests, on the straight
// line between the checkpoints beside it.
func liveHeapAt(points []harness.Checkpoint, requests float64) float64 {
	i, _ := slices.BinarySearchFunc(points, requests, func(c harness.Checkpoint, r float64) int {
		return cmp.Compare(float64(c.Requests), r)
	})
	if i == 0 || i == len(points) {
		return float64(points[min(i, len(points)-1)].LiveHeapBytes)
	}
	a, b := points[i-1], points[i]
	part := (requests - float64(a.Requests)) / float64(b.Requests-a.Requests)
	return float64(a.LiveHeapBytes) + part*float64(b.LiveHeapBytes-a.LiveHeapBytes)
}
