package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// unstale leaves out the readings of a target that was never stopped which are no
// collection younger than the one before: they repeat what that said. What was
// done between two readings that stay is what was done before the later one; but
// where that was a wait, the load before it is what a collection finds first.
func unstale(checkpoints []harness.Checkpoint) []harness.Checkpoint {
	var young []harness.Checkpoint
	var last harness.Checkpoint // of those that stay, as it was
	for _, c := range checkpoints {
		if len(young) > 0 && c.GCCycles <= last.GCCycles {
			continue
		}
		read := c
		if len(young) > 0 && waits(c) && !waits(last) {
			c.Round = last.Round
		}
		young, last = append(young, c), read
	}
	return young
}

// undipped raises the readings under load that are lower than the next one, and the
// last one of a kind of round to the one before, for the experiments, which compare single readings: a
// collection that met no requests on their way leaves less than those around it, by
// up to 1.4 MB, and is no release. Two in a row are one.
func undipped(checkpoints []harness.Checkpoint) []harness.Checkpoint {
	raised := slices.Clone(checkpoints)
	for i, c := range checkpoints {
		if i == 0 || waits(c) {
			continue
		}
		beside := i - 1
		if i+1 < len(checkpoints) && checkpoints[i+1].Round == c.Round {
			beside = i + 1
		}
		raised[i].LiveHeapBytes = max(c.LiveHeapBytes, checkpoints[beside].LiveHeapBytes)
	}
	return raised
}

// waits tells whether a round has no load.
func waits(c harness.Checkpoint) bool {
	return c.Round == harness.Idle || c.Round == harness.Rest
}

// sureLeaps is how many times in a row the live heap must have risen by more than the
// slack, which is more than two readings of a clean target ever differed by, for
// its growth to be certain without the readings that a rank test takes: a heap that
// grows fast is collected ever more rarely, at half as much again each time.
const sureLeaps = 5

// leaps tells whether the last readings of a channel rose by more than the slack
// each time.
func (c channel) leaps() bool {
	if len(c.points) <= sureLeaps {
		return false
	}
	last := c.points[len(c.points)-sureLeaps-1:]
	for i, p := range last[1:] {
		if p.Y-last[i].Y <= c.slack {
			return false
		}
	}
	return true
}
