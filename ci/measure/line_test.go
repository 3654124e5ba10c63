package main

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// TestSettledCountsTheExperiments wants the requests and seconds of all rounds
// until the verdict, not of the fresh rounds alone, and none of those after it.
func TestSettledCountsTheExperiments(t *testing.T) {
	spec := harness.Scenario{Load: harness.DefaultLoad()}
	var v harness.Result
	requests, seconds := 0, 0.0
	add := func(round harness.Round, count, sent int) {
		for range count {
			requests += sent
			seconds += 0.5
			v.Checkpoints = append(v.Checkpoints, harness.Checkpoint{
				Round: round, Requests: requests, AtSeconds: seconds,
				LiveHeapBytes: 64 * int64(requests), LiveObjects: int64(requests),
			})
		}
	}
	add(harness.Fresh, 1, 0)
	add(harness.Fresh, 9, 40)
	add(harness.Replay, 7, 40)
	add(harness.Idle, 2, 0)
	add(harness.Fresh, 5, 40)
	v.Verdict.Outcome = harness.Fail

	gotRequests, gotSeconds := settled(spec, v)
	if wantRequests, wantSeconds := 16*40, 19*0.5; gotRequests != wantRequests || gotSeconds != wantSeconds {
		t.Errorf("settled after %d requests and %v s, want %d and %v", gotRequests, gotSeconds, wantRequests, wantSeconds)
	}
}
