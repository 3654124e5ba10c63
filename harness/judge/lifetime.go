package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// gcGoals are how far the heap grows between two collections, of what is live. At
// GOGC=100 it is twice that, less what is allocated while the collection marks: 1.78
// to 2.06 in the fraud check on two busy cores (2026-11). Which it will be in the
// last cycle decides whether there is one more, so the forecast is the median.
var gcGoals = []float64{1.8, 1.85, 1.9, 1.95, 2}

const (
	// leastGoal is the goal of the first collections, whatever is live.
	leastGoal = 4 << 20
	// maxCycles bounds the collections of a forecast: a leak of a hundred-thousandth
	// of what is allocated takes years to fill anything.
	maxCycles = 100_000
)

// Lifetime forecasts how many seconds after its last checkpoint a target that
// grows is killed at a memory limit, when it is driven on at the evidence's rate
// and without checkpoints. It is false where nothing grows for certain, and where
// the figures that it takes are not known.
//
// The live heap alone would foretell too late a time: between two collections as
// much again is added, kept and garbage, so that the end comes in the last cycle
// whose goal is past the limit.
func Lifetime(e Evidence, limit harness.Bytes) (seconds float64, ok bool) {
	fresh := e
	fresh.Checkpoints = splice(e.Checkpoints, harness.Fresh)
	if len(fresh.Checkpoints) < 2 || e.RequestsPerSecond <= 0 {
		return 0, false
	}
	kept, allocated := measure(fresh)[liveBytes].estimate(), churn(fresh.Checkpoints)
	last := e.Checkpoints[len(e.Checkpoints)-1]
	if kept <= 0 || allocated == nil || *allocated < kept || last.LiveHeapBytes <= 0 {
		return 0, false
	}
	var forecasts []float64
	for _, goal := range gcGoals {
		requests, ok := requestsToFill(float64(last.LiveHeapBytes), kept, *allocated, heapRoom(e.Checkpoints[0], last, limit), goal)
		if !ok {
			return 0, false
		}
		forecasts = append(forecasts, requests)
	}
	slices.Sort(forecasts)
	return forecasts[len(forecasts)/2] / e.RequestsPerSecond, true
}

// heapRoom is the bytes of objects that fit below a limit: what the process holds
// beside its heap does not change, and spans hold some more than their objects.
// Off-heap memory counts by its growth since the first checkpoint: before that it
// is the program's own data, most of it there before the limit was.
func heapRoom(first, c harness.Checkpoint, limit harness.Bytes) float64 {
	beside := c.SysBytes - c.InUseBytes - c.IdleBytes
	if first.OffHeapBytes != nil && c.OffHeapBytes != nil {
		beside += max(0, *c.OffHeapBytes-*first.OffHeapBytes)
	}
	return float64(int64(limit)-beside) * float64(c.LiveHeapBytes) / float64(max(c.InUseBytes, c.LiveHeapBytes))
}

// requestsToFill follows the heap from one collection to the next until its goal
// no longer fits.
func requestsToFill(live, kept, allocated, room, gcGoal float64) (requests float64, ok bool) {
	for range maxCycles {
		goal := max(leastGoal, gcGoal*live)
		if goal >= room {
			return requests + max(0, room-live)/allocated, true
		}
		cycle := (goal - live) / allocated
		requests += cycle
		live += cycle * kept
	}
	return 0, false
}
