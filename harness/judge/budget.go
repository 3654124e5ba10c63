package judge

import (
	"github.com/leaklab/leaklab/harness"
)

// overBudget is the reasons of budgets that bound no growth: the peak of the
// live heap, the churn, the memory ceiling.
func overBudget(e Evidence) []harness.Reason {
	var reasons []harness.Reason
	if e.Death != nil && e.Death.Cause == harness.MemoryCeiling {
		reasons = append(reasons, ceilingReason(e))
	}
	if peak := peakBytes(e.Checkpoints); e.Budget.Peak > 0 && peak > int64(e.Budget.Peak) {
		reasons = append(reasons, peakReason(e, peak))
	}
	enough := len(e.Checkpoints)-1 >= e.Segments.Min || e.Last
	if churn := churn(e.Checkpoints); e.Budget.Churn > 0 && enough && churn != nil && *churn > float64(e.Budget.Churn) {
		reasons = append(reasons, churnReason(e, *churn))
	}
	return reasons
}

func peakBytes(checkpoints []harness.Checkpoint) int64 {
	var peak int64
	for _, c := range checkpoints {
		peak = max(peak, c.LiveHeapBytes)
	}
	return peak
}

// churn is the allocated bytes per request, from the segments between the
// checkpoints, or nil where no request was completed.
func churn(checkpoints []harness.Checkpoint) *float64 {
	if len(checkpoints) < 2 {
		return nil
	}
	requests, allocated := 0, 0.0
	for i, c := range checkpoints[1:] {
		if sent := c.Requests - checkpoints[i].Requests; sent > 0 && c.LoadAllocBytes > 0 {
			requests += sent
			allocated += float64(c.LoadAllocBytes)
		}
	}
	if requests <= 0 {
		return nil
	}
	return new(allocated / float64(requests))
}
