package judge

import (
	"cmp"

	"github.com/leaklab/leaklab/harness"
)

// In is the evidence that a record holds of its i-th variant, so that a verdict
// can be given again from what was stored.
func In(record harness.Record, i int) Evidence {
	e := Of(record.Spec, record.Variants[i])
	e.Control = controlOf(record, i)
	return e
}

// Of is the evidence of a variant alone, without a control beside it. The rate for
// budgets in time is the one that the scenario asks for; a closed loop has only the
// one it held.
func Of(spec harness.Scenario, r harness.Result) Evidence {
	rate := float64(spec.Load.Rate)
	if spec.Load.Rate.IsMax() {
		rate = r.Load.RatePerSecond
	}
	return Evidence{
		Checkpoints:       r.Checkpoints,
		WarmUpRequests:    cmp.Or(r.Load.WarmUpRequests, spec.Load.WarmUp+spec.Load.SegmentAt(0)),
		RequestsPerSecond: rate,
		HeldPerSecond:     r.Load.RatePerSecond,
		Requests:          r.Load.Requests,
		Errors:            r.Load.Errors,
		FirstError:        r.Load.FirstError,
		Budget:            spec.Budget,
		Warn:              spec.Warn,
		Load:              spec.Load,
		Floor:             floorOf(r.Gauge),
		NoReplay:          spec.Replay == harness.ReplayNever,
		Axis:              r.Axis,
		Death:             r.Death,
	}
}

// controlOf is the checkpoints of the run's control, where another variant than the
// i-th is one.
func controlOf(record harness.Record, i int) []harness.Checkpoint {
	for j, v := range record.Spec.Variants {
		if v.Control && j != i && j < len(record.Variants) {
			return record.Variants[j].Checkpoints
		}
	}
	return nil
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
		earlier.Control = until(e.Control, e.Checkpoints[n-1].AtSeconds)
		v, next := Judge(earlier)
		settled := next == "" || v.Outcome == harness.Fail // which is said before it is confirmed
		if !settled || v.Outcome != final.Outcome {
			break
		}
		final.SecondsToVerdict, final.RequestsToVerdict = v.SecondsToVerdict, v.RequestsToVerdict
	}
	return final
}

// until is the checkpoints up to a time.
func until(checkpoints []harness.Checkpoint, seconds float64) []harness.Checkpoint {
	for i, c := range checkpoints {
		if c.AtSeconds > seconds {
			return checkpoints[:i]
		}
	}
	return checkpoints
}
