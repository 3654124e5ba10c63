package judge

import (
	"fmt"
	"math"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// oomRequests is the number of requests that the service must last, or zero where
// no time to OOM is set or the rate is not known.
func oomRequests(e Evidence) float64 {
	return e.RequestsPerSecond * e.Budget.TimeToOOM.AtLeast.Seconds()
}

// oomRoom is what is left of the limit at the last checkpoint: of the footprint,
// and where that cannot be read, of what Go's runtime holds. It is room for the
// live heap and stacks: garbage between two collections takes as much again at
// GOGC=100, so that a service whose heap is most of it ends sooner.
func oomRoom(e Evidence) float64 {
	if len(e.Checkpoints) == 0 {
		return float64(e.Budget.TimeToOOM.Limit)
	}
	last := e.Checkpoints[len(e.Checkpoints)-1]
	footprint := last.SysBytes - last.ReleasedBytes
	if last.RSSBytes != nil {
		footprint = *last.RSSBytes
	}
	return max(0, float64(e.Budget.TimeToOOM.Limit)-float64(footprint))
}

// leastStack is the bytes of the smallest stack that the runtime gives a goroutine.
const leastStack = 2 << 10

// HeldPerRequest is the bytes that a request adds to the footprint, of the bytes
// that it leaves on the live heap and of the goroutines that it leaves: each of
// these has a stack as well, which is not on the heap. A goroutine's part is read
// off all checkpoints, experiments included, for the first that stay take structs
// and stacks that the runtime has at hand.
func HeldPerRequest(checkpoints []harness.Checkpoint, heapBytes, goroutines float64) float64 {
	if goroutines <= 0 || len(checkpoints) == 0 {
		return heapBytes
	}
	first, last := checkpoints[0], checkpoints[len(checkpoints)-1]
	stack := float64(leastStack)
	if stayed := float64(last.Goroutines - first.Goroutines); stayed > 0 {
		heapBytes = max(heapBytes, goroutines*float64(last.LiveHeapBytes-first.LiveHeapBytes)/stayed)
		stack = max(stack, float64(last.StackBytes-first.StackBytes)/stayed)
	}
	return heapBytes + goroutines*stack
}

// oomReasons says when the growth of the live heap, with the stacks of goroutines
// that stay, fills the limit, with the interval of its slope, where that is sooner
// than the budget allows.
func oomReasons(e Evidence, bytes channel) []harness.Reason {
	budget := e.Budget.TimeToOOM
	slope := bytes.estimate()
	stays := 0.0
	if count := measure(e)[goroutines]; count.shape == shapeGrowing {
		stays = count.estimate()
	}
	held := func(slope float64) float64 { return HeldPerRequest(e.Checkpoints, slope, stays) }
	seconds := secondsToFill(e, held(slope))
	if oomRequests(e) == 0 || seconds >= budget.AtLeast.Seconds() {
		return nil
	}
	soonest, latest := secondsToFill(e, held(max(bytes.line.High, slope))), secondsToFill(e, held(min(bytes.line.Low, slope)))
	return []harness.Reason{{Code: "time-to-oom", Measured: seconds, Budget: new(budget.AtLeast.Seconds()), Unit: "seconds",
		Text: fmt.Sprintf("at %s requests/s it fills %s in %s, between %s and %s; allowed are no less than %s",
			harness.FormatCount(e.RequestsPerSecond), budget.Limit, span(seconds), span(soonest), span(latest), budget.AtLeast)}}
}

// secondsToFill is how long a growth in bytes a request takes to fill the room: for
// ever where there is none.
func secondsToFill(e Evidence, slope float64) float64 {
	if slope <= 0 {
		return math.Inf(1)
	}
	return oomRoom(e) / (slope * e.RequestsPerSecond)
}

// longest is the time beyond which a forecast says nothing: ten years.
const longest = 10 * 365 * 24 * time.Hour

// span prints a forecast to the second.
func span(seconds float64) string {
	if seconds > longest.Seconds() {
		return "never"
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
