package judge

import "github.com/leaklab/leaklab/harness"

// unstale leaves out the readings of a target that was never stopped which are no
// collection younger than the one before: they repeat what that said. What was
// done between two readings that stay is what was done before the later one.
func unstale(checkpoints []harness.Checkpoint) []harness.Checkpoint {
	var young []harness.Checkpoint
	for _, c := range checkpoints {
		if len(young) == 0 || c.GCCycles > young[len(young)-1].GCCycles {
			young = append(young, c)
		}
	}
	return young
}
