package judge_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// swept is an amount for each request of the last seconds and for those since the last
// multiple of a period: a janitor removes what is too old every so often.
func swept(perRequest, seconds, period float64) signal {
	return func(past []state) float64 {
		now := past[len(past)-1]
		from := period*math.Floor(now.seconds/period) - seconds
		gone := 0.0
		for i, p := range past[1:] {
			if before := past[i]; before.seconds <= from && p.seconds > from {
				gone = before.requests + (from-before.seconds)/(p.seconds-before.seconds)*(p.requests-before.requests)
			}
		}
		return perRequest * (now.requests - gone)
	}
}

// mappings has off-heap memory read off the mappings, so that its floor is the fine one.
func mappings(e *judge.Evidence) {
	for i := range e.Checkpoints {
		e.Checkpoints[i].HeapRSSBytes = new(int64(1))
	}
}

// late begins the measurement long after the load: a slow self-test, a long warm-up.
func late(e *judge.Evidence) {
	patience(e)
	e.Checkpoints = append([]harness.Checkpoint(nil), e.Checkpoints...)
	for i := range e.Checkpoints {
		e.Checkpoints[i].AtSeconds += 12
	}
}

// A leak is one beside caches that are let go, or full, as well.
func TestLeakBesideWhatIsNone(t *testing.T) {
	leak := readings{bytes: ramp(64), objects: ramp(1)}
	beside := func(bytes, objects signal) readings {
		return readings{bytes: leak.bytes.plus(bytes), objects: leak.objects.plus(objects)}
	}
	byKey := func(r readings) readings { return readings{bytes: r.bytes.perKey(), objects: r.objects.perKey()} }
	held, cache := beside(expiring(128, 4), expiring(2, 4)), beside(ramp(768).until(2000).perKey(), ramp(12).until(2000).perKey())
	for name, r := range map[string]readings{
		"each request held for 4 s":   held,
		"each key held for 4 s":       byKey(held),
		"each request held for 10 s":  beside(expiring(128, 10), expiring(2, 10)),
		"a cache of 12 times as much": cache,
		"a ring of 12 times as much":  beside(ramp(768).until(2000), ramp(12).until(2000)),
		"swept every 5 s":             beside(swept(300, 4, 5), swept(3, 4, 5)),
		"swept every 8 s":             beside(swept(300, 1, 8), swept(3, 1, 8)),
	} {
		if v, rounds := r.run(patience); v.Outcome != harness.Fail {
			t.Errorf("%s: %s, %s after %v: %+v; want a fail", name, v.Outcome, v.Class, rounds, v.Reasons)
		}
	}
	// By key it is at least not let pass.
	if v, _ := byKey(beside(swept(300, 4, 5), swept(3, 4, 5))).run(patience); v.Outcome == harness.Pass {
		t.Errorf("swept, by key: %s, %s: %+v", v.Outcome, v.Class, v.Reasons)
	}
}

// What is swept every so often, at whatever age, is no leak.
func TestSwept(t *testing.T) {
	for _, key := range []bool{false, true} {
		for _, at := range [][2]float64{{4, 5}, {3, 10}, {1, 5}, {5, 1}, {0.1, 2}, {2, 3}, {2, 6}, {5, 5}, {1, 8}, {6, 3}, {8, 2}} {
			r := readings{bytes: swept(300, at[0], at[1]), objects: swept(3, at[0], at[1])}
			if key {
				r = readings{bytes: r.bytes.perKey(), objects: r.objects.perKey()}
			}
			if v, rounds := r.run(patience); v.Outcome != harness.Pass {
				t.Errorf("%s: %s, %s after %v: %+v; want a pass", fmt.Sprint(at, key), v.Outcome, v.Class, rounds, v.Reasons)
			}
		}
	}
}

func TestHeldAndOffHeap(t *testing.T) {
	for _, test := range []struct {
		name     string
		readings readings
		change   func(*judge.Evidence)
		want     harness.Outcome
	}{
		{"held for 7 s, first read 12 s late", readings{bytes: expiring(512, 7), objects: expiring(1, 7)}, late, harness.Pass},
		{"held by key for 10 s, first read 12 s late", readings{bytes: expiring(512, 10).perKey(), objects: expiring(1, 10).perKey()}, late, harness.Pass},
		{"655 B off-heap a request", readings{offHeap: ramp(655)}, mappings, harness.Fail},
		{"280 B off-heap a request, as clean ones at most", readings{offHeap: ramp(280).until(960)}, mappings, harness.Pass},
		{"two caches, one of which expires", readings{objects: ramp(3).until(5000).plus(expiring(5, 4)).perKey(), bytes: ramp(300).until(5000).plus(expiring(500, 4)).perKey()}, patience, harness.Pass},
		{"expired entries leave the buckets of their map", readings{objects: expiring(2, 4).perKey(), bytes: expiring(300, 4).plus(ramp(40)).perKey()}, patience, harness.Pass},
	} {
		if v, rounds := test.readings.run(test.change); v.Outcome != test.want {
			t.Errorf("%s: %s, %s after %v: %+v; want %s", test.name, v.Outcome, v.Class, rounds, v.Reasons, test.want)
		}
	}
}
