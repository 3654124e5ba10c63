package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// splice is the growth of one kind of round, as if nothing else had been done:
// a series that starts with the first checkpoint and adds, for each round of the
// kind, what that round added. The first of several repeats in a row is left
// out: it may store its keys once more.
func splice(checkpoints []harness.Checkpoint, kind harness.Round) []harness.Checkpoint {
	if len(checkpoints) == 0 {
		return nil
	}
	series := []harness.Checkpoint{checkpoints[0]}
	for i, c := range checkpoints[1:] {
		before := checkpoints[i]
		if c.Round.OrDefault() != kind || isRepeat(kind) && before.Round.OrDefault() != kind {
			continue
		}
		last := series[len(series)-1]
		next := c
		next.Requests = last.Requests + c.Requests - before.Requests
		next.AtSeconds = last.AtSeconds + c.AtSeconds - before.AtSeconds
		next.LiveHeapBytes = last.LiveHeapBytes + c.LiveHeapBytes - before.LiveHeapBytes
		next.LiveObjects = last.LiveObjects + c.LiveObjects - before.LiveObjects
		next.Goroutines = last.Goroutines + c.Goroutines - before.Goroutines
		next.StackBytes = last.StackBytes + c.StackBytes - before.StackBytes
		if last.OffHeapBytes != nil && c.OffHeapBytes != nil && before.OffHeapBytes != nil {
			next.OffHeapBytes = new(*last.OffHeapBytes + *c.OffHeapBytes - *before.OffHeapBytes)
		} else {
			next.OffHeapBytes = nil
		}
		series = append(series, next)
	}
	return series
}

// isRepeat tells whether a round sends requests again that were sent before.
func isRepeat(kind harness.Round) bool {
	return kind == harness.Replay || kind == harness.Reconnect
}

// rounds is the number of rounds of a kind that count.
func rounds(checkpoints []harness.Checkpoint, kind harness.Round) int {
	return max(0, len(splice(checkpoints, kind))-1)
}

// segments is how many segments of full length the rounds of some kinds come to:
// the first ones of a run may be shorter, whatever they were used for.
func segments(e Evidence, kinds ...harness.Round) float64 {
	count, paced := 0.0, 0
	for i, c := range e.Checkpoints {
		if i == 0 { // ends no round
			continue
		}
		kind := c.Round.OrDefault()
		if slices.Contains(kinds, kind) {
			count += float64(e.Load.SegmentAt(paced)) / float64(max(1, e.Load.Segment))
		}
		if kind == harness.Fresh || kind == harness.Replay || kind == harness.Idle {
			paced++
		}
	}
	return count
}
