package judge_test

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// warm is what is held for some seconds of what came at 90 requests a second, those
// of the time before the first checkpoint included.
func warm(perRequest, seconds float64) signal {
	held := expiring(perRequest, seconds)
	return func(past []state) float64 {
		earlier := []state{{seconds: -2.64}, {seconds: -1.76, requests: 80, keys: 80}, {seconds: -0.88, requests: 160, keys: 160}}
		for _, p := range past {
			p.requests, p.keys = p.requests+warmUp, p.keys+warmUp
			earlier = append(earlier, p)
		}
		return held(earlier)
	}
}

// What falls back hides what stays: the first checkpoint holds some of it.
func TestStaysBesideWhatFallsBack(t *testing.T) {
	for name, tt := range map[string]struct {
		r    readings
		want harness.Outcome
	}{
		"of each key a fifth stays": {
			readings{bytes: ramp(60).plus(warm(240, 1.5)).perKey(), objects: ramp(0.4).plus(warm(1.6, 1.5)).perKey()}, harness.Fail},
		"of each request a fifth stays": {
			readings{bytes: ramp(900).plus(warm(3400, 3.3)), objects: ramp(1).plus(warm(4, 3.3)), goroutines: ramp(0.2).plus(warm(0.8, 3.3))}, harness.Fail},
		"nothing stays":            {readings{bytes: warm(300, 3.3), objects: warm(3, 3.3)}, harness.Pass},
		"nothing stays of any key": {readings{bytes: warm(300, 3.3).perKey(), objects: warm(3, 3.3).perKey()}, harness.Pass},
		"a cache of 1 500 fills beside": {
			readings{bytes: warm(300, 3.3).plus(ramp(100).until(1500)).perKey(), objects: warm(4, 3.3).plus(ramp(1).until(1500)).perKey()}, harness.Pass},
	} {
		v, rounds := tt.r.run(patience)
		if v.Outcome != tt.want {
			t.Errorf("%s: %s, %s, after %v: %+v; want %s", name, v.Outcome, v.Class, rounds, v.Reasons, tt.want)
		}
	}
}

// What never settles and is held for a while comes down in the rest after its flood.
func TestHeldAfterAFlood(t *testing.T) {
	few := func(e *judge.Evidence) { patience(e); e.Load.Segments.Max = 24 }
	r := readings{bytes: expiring(300, 8).plus(noise(1, 9e4)), objects: expiring(3, 8).plus(noise(2, 900))}
	if v, rounds := r.run(few); v.Outcome != harness.Pass {
		t.Errorf("%s, %s, after %v: %+v; want a pass", v.Outcome, v.Class, rounds, v.Reasons)
	}
}

// What is there in a flood alone, the more the longer it goes on, is on its way.
func TestNothingKeptOfAFlood(t *testing.T) {
	piled := func(perKey float64) signal {
		return func(past []state) float64 {
			now := past[len(past)-1]
			if len(past) < 2 || now.keys-past[len(past)-2].keys <= segment {
				return step(800, 100*perKey)(past)
			}
			return perKey * now.keys * (0.7 + 0.3*float64(len(past)%2))
		}
	}
	few := func(e *judge.Evidence) { patience(e); e.Load.Segments.Max = 24 }
	r := readings{bytes: piled(300), objects: piled(3)}
	if v, rounds := r.run(few); v.Outcome != harness.Pass {
		t.Errorf("%s, %s, after %v: %+v; want a pass", v.Outcome, v.Class, rounds, v.Reasons)
	}
}

// A pool that reached for its peak early in a flood adds nothing later.
func TestPoolPeaksInAFlood(t *testing.T) {
	peaks := signal(func(past []state) float64 {
		high := 0.0
		for _, p := range past {
			switch {
			case p.keys > 60_000:
				high = max(high, 2.2e6)
			case p.keys > 10_000:
				high = max(high, 2e6)
			case p.keys > 5000:
				high = max(high, 1e6)
			case p.keys > 1500:
				high = max(high, 60e3)
			case p.keys > 300:
				high = max(high, 30e3)
			}
		}
		return high
	})
	if v, rounds := (readings{bytes: peaks}).run(patience); v.Outcome == harness.Fail {
		t.Errorf("%s, %s, after %v: %+v; want no fail", v.Outcome, v.Class, rounds, v.Reasons)
	}
}

// What fills a buffer by the second and flushes it is no leak by the second.
func TestSwingsWithoutLoad(t *testing.T) {
	for period := 9.0; period < 15; period++ {
		r := readings{bytes: teeth(2000, period).perSecond(), objects: teeth(50, period).perSecond()}
		if v, rounds := r.run(patience); v.Outcome == harness.Fail {
			t.Errorf("%v s: %s, %s, after %v: %+v; want no fail", period, v.Outcome, v.Class, rounds, v.Reasons)
		}
	}
}

// Three objects in forty requests are hardly more than the limit allows: the replay
// goes on until it would stand out.
func TestReplayGoesOnUntilItTells(t *testing.T) {
	r := readings{bytes: ramp(0.6), objects: ramp(0.075)}
	v, rounds := r.run(patience)
	if v.Outcome != harness.Fail || v.Driver != harness.PerRequest {
		t.Errorf("%s, %s by %s, after %v: %+v; want a fail by the request", v.Outcome, v.Class, v.Driver, rounds, v.Reasons)
	}
}

// A flood goes on to fill what its largest growth hides.
func TestFillsOnBesideACache(t *testing.T) {
	cache := func(capacity float64) readings {
		return readings{bytes: ramp(336).until(capacity).perKey(), objects: ramp(2).until(capacity).perKey()}
	}
	blocks, offHeap := cache(3000), cache(500)
	blocks.bytes = blocks.bytes.plus(every(500, 100<<10).perKey())
	offHeap.offHeap = ramp(2048)
	for name, tt := range map[string]struct {
		r    readings
		want harness.Outcome
	}{"rare blocks": {blocks, harness.Fail}, "off-heap memory": {offHeap, harness.Fail}, "nothing": {cache(3000), harness.Pass}} {
		v, rounds := tt.r.run(func(e *judge.Evidence) { patience(e); mappings(e) })
		if v.Outcome != tt.want {
			t.Errorf("%s: %s, %s after %v: %+v; want %s", name, v.Outcome, v.Class, rounds, v.Reasons, tt.want)
		}
	}
}

// Jobs that hold some memory for a moment beside a cache are no leak by the second.
func TestJobsBesideACache(t *testing.T) {
	for seed := range uint64(25) {
		job := func(past []state) float64 {
			if noise(seed, 1)(past) > 0.4 {
				return 1e6
			}
			return 0
		}
		r := readings{bytes: ramp(336).until(500).perKey().plus(job), objects: ramp(2).until(500).perKey()}
		if v, rounds := r.run(patience); v.Outcome == harness.Fail {
			t.Errorf("seed %d: %s, %s after %v: %+v; want no fail", seed, v.Outcome, v.Class, rounds, v.Reasons)
		}
	}
}
