package judge_test

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// wobble is noise that is there in a flood alone: a target under full load is read
// with a connection more or less.
func wobble(amplitude float64) signal {
	return func(past []state) float64 {
		now := past[len(past)-1]
		if len(past) < 2 || now.keys-past[len(past)-2].keys <= segment {
			return 0
		}
		return amplitude * float64(len(past)%2)
	}
}

// fewSegments leaves less room than a container that doubles takes to be certain.
func fewSegments(e *judge.Evidence) {
	patience(e)
	e.Load.Segments.Max = 40
}

// Leaks that a simulation of many services found to be let pass (2026-11).
func TestNotLetPass(t *testing.T) {
	for name, tt := range map[string]struct {
		r      readings
		change func(*judge.Evidence)
		want   harness.Outcome // of two that are honest, the one that is given
		class  harness.Class
	}{
		"values that double, while a flood wobbles": {
			readings{bytes: doubling(40, 20_000).perKey().plus(wobble(80))}, fewSegments, harness.Fail, harness.Leak,
		},
		"goroutines beside what is held": {
			readings{bytes: expiring(300, 4), objects: expiring(3, 4), goroutines: ramp(1.0 / 48)}, patience, harness.Fail, harness.Goroutine,
		},
		"a connection's beside a cache": {
			readings{bytes: ramp(700).until(1500).perKey().plus(ramp(4096).perConnection()),
				objects: ramp(8).until(1500).perKey().plus(ramp(6).perConnection())}, patience, harness.Fail, harness.Leak,
		},
		"a key's that noise hides": {
			readings{bytes: ramp(29).perKey().plus(noise(1, 1500)), objects: ramp(0.5).perKey().plus(noise(2, 3))},
			func(e *judge.Evidence) { patience(e); e.Floor = judge.PprofFloor }, harness.Fail, harness.Leak,
		},
		"a second's, in big blocks": {
			readings{bytes: ramp(56_638).perSecond().plus(ramp(4700).until(1800).perKey()), objects: ramp(4).perSecond().plus(ramp(1).until(1800).perKey())},
			patience, harness.Fail, harness.Leak,
		},
	} {
		v, rounds := tt.r.run(tt.change)
		if v.Outcome != tt.want || v.Class != tt.class {
			t.Errorf("%s: %s, %s after %v: %+v; want %s, %s", name, v.Outcome, v.Class, rounds, v.Reasons, tt.want, tt.class)
		}
	}
}

// Services without a leak that the simulation found to be accused.
func TestNotAccused(t *testing.T) {
	for name, r := range map[string]readings{
		"a ring, and a thread in the flood": {
			bytes: ramp(17).until(1700).plus(step(4000, 5576)), objects: ramp(1).until(1700).plus(step(4000, 7)),
		},
		"a swing by time beside a cache": {
			bytes:   teeth(30_000, 6).perSecond().plus(ramp(1024).until(1000).perKey()),
			objects: teeth(100, 6).perSecond().plus(ramp(3).until(1000).perKey()),
		},
		"values that double up to a bound": {bytes: doubling(40, 20_000).until(2500).perKey().plus(wobble(80))},
	} {
		for _, change := range []func(*judge.Evidence){patience, fewSegments} {
			if v, rounds := r.run(change); v.Outcome != harness.Pass {
				t.Errorf("%s: %s, %s after %v: %+v; want a pass", name, v.Outcome, v.Class, rounds, v.Reasons)
			}
		}
	}
}

// TestDiesAfterItWasSaid has a target that leaks by the key crash while the lab looks
// for where it allocates.
func TestDiesAfterItWasSaid(t *testing.T) {
	died := func(e *judge.Evidence) {
		patience(e)
		if last := e.Checkpoints[len(e.Checkpoints)-1]; last.Round == harness.Rest && last.Requests > 5000 {
			e.Death = &harness.Death{Cause: harness.Crashed, AtSeconds: last.AtSeconds + 1}
		}
	}
	r := readings{bytes: ramp(300).perKey(), objects: ramp(3).perKey()}
	if v, rounds := r.run(died); v.Outcome != harness.Fail || v.Class != harness.Leak {
		t.Errorf("%s, %s after %v: %+v; want a leak", v.Outcome, v.Class, rounds, v.Reasons)
	}
}
