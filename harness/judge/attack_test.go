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

// once adds a height at the first checkpoint after a number of rests.
func once(rests int, height float64) signal {
	return func(past []state) float64 {
		for i, p := range past[1:] {
			if p.requests == past[i].requests && p.seconds > past[i].seconds {
				rests--
			}
			if rests < 0 {
				return height
			}
		}
		return 0
	}
}

// Something that a service does once while it rests, such as to read its settings
// again, is neither what it leaks by nor what takes that back.
func TestOnceWhileItRests(t *testing.T) {
	for name, tt := range map[string]struct {
		r    readings
		want harness.Outcome
	}{
		"beside a leak by the request": {readings{
			bytes: ramp(64).plus(once(2, 60_000)), objects: ramp(1).plus(once(2, 900))}, harness.Fail},
		"beside a leak by the key": {readings{
			bytes: ramp(64).perKey().plus(once(2, 60_000)), objects: ramp(1).perKey().plus(once(2, 900))}, harness.Fail},
		"beside a cache": {readings{
			bytes: ramp(700).until(1500).perKey().plus(once(2, 20_000)), objects: ramp(8).until(1500).perKey(),
			goroutines: once(2, 3)}, harness.Pass},
		"beside a ring": {readings{
			bytes: ramp(700).until(1500).plus(once(2, 20_000)), objects: ramp(8).until(1500).plus(once(2, 30))}, harness.Pass},
	} {
		if v, rounds := tt.r.run(patience); v.Outcome != tt.want || len(rounds) > 120 {
			t.Errorf("%s: %s, %s after %d rounds %v: %+v; want %s", name, v.Outcome, v.Class, len(rounds), rounds, v.Reasons, tt.want)
		}
	}
}

// Workers that begin once, beside a cache, are no leak of goroutines.
func TestWorkersBesideACache(t *testing.T) {
	r := readings{
		bytes: ramp(700).until(4000).perKey(), objects: ramp(8).until(4000).perKey(), goroutines: step(500, 400),
	}
	few := func(e *judge.Evidence) { patience(e); e.Load.Segments = harness.Segments{Min: 4, Max: 24} }
	if v, rounds := r.run(few); v.Outcome != harness.Pass {
		t.Errorf("%s, %s after %v: %+v; want a pass", v.Outcome, v.Class, rounds, v.Reasons)
	}
}

// An early ripple that goes back shows no bound of what climbs after it.
func TestRippleIsNoBound(t *testing.T) {
	ripple := func(past []state) float64 { // in the first round of the flood
		for i, p := range past[1:] {
			if p.keys-past[i].keys > segment {
				return 9000 * float64(min(1, i+2-len(past)+1))
			}
		}
		return 0
	}
	r := readings{bytes: ramp(6).perKey().plus(func(past []state) float64 { return max(0, ripple(past)) })}
	if v, rounds := r.run(patience); v.Outcome != harness.Fail {
		t.Errorf("%s, %s after %v: %+v; want a fail", v.Outcome, v.Class, rounds, v.Reasons)
	}
}

// What a connection leaves is told without what a cache beside it took.
func TestFiguresOfAConnection(t *testing.T) {
	r := readings{
		bytes:   ramp(12_288).until(1500).perKey().plus(ramp(4096).perConnection()),
		objects: ramp(8).until(1500).perKey().plus(ramp(6).perConnection()),
	}
	v, rounds := r.run(patience)
	if v.Outcome != harness.Fail || v.Reasons[0].Measured < 4000 || v.Reasons[0].Measured > 4200 || *v.Reasons[0].Budget < 0 {
		t.Errorf("%s, %s after %v: %+v; want a fail by 4 096 B a connection", v.Outcome, v.Class, rounds, v.Reasons)
	}
}
