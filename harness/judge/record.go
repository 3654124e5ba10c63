package judge

import (
	"github.com/leaklab/leaklab/harness"
)

// Of is the evidence that a record holds of one of its variants, so that a
// verdict can be given again from what was stored. The rate for budgets in time
// is the one that the scenario asks for; a closed loop has only the one it held.
func Of(spec harness.Scenario, r harness.Result) Evidence {
	rate := float64(spec.Load.Rate)
	if spec.Load.Rate.IsMax() {
		rate = r.Load.RatePerSecond
	}
	return Evidence{
		Checkpoints:       r.Checkpoints,
		WarmUpRequests:    spec.Load.WarmUp + spec.Load.Segment,
		RequestsPerSecond: rate,
		Requests:          r.Load.Requests,
		Errors:            r.Load.Errors,
		Budget:            spec.Budget,
		Warn:              spec.Warn,
		Segments:          spec.Load.Segments,
		Floor:             floorOf(r.Gauge),
		NoReplay:          spec.Replay == harness.ReplayNever,
		Death:             r.Death,
	}
}

// Final is the verdict over all that was measured, with the seconds and requests
// after which it was settled for good: the first checkpoint from which on every
// verdict came to the same outcome.
func Final(e Evidence) harness.Verdict {
	e.Last = true
	final, _ := Judge(e)
	for n := len(e.Checkpoints) - 1; n > 0; n-- {
		earlier := e
		earlier.Checkpoints, earlier.Last, earlier.Death = e.Checkpoints[:n], false, nil
		v, next := Judge(earlier)
		if next != "" || v.Outcome != final.Outcome {
			break
		}
		final.SecondsToVerdict, final.RequestsToVerdict = v.SecondsToVerdict, v.RequestsToVerdict
	}
	return final
}
