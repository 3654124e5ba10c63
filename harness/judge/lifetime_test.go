package judge_test

import (
	"math"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// grown is what was read of a target at 100 requests a second that keeps and
// allocates so much for each of them.
func grown(kept, allocated float64) judge.Evidence {
	e := judge.Evidence{RequestsPerSecond: 100, Floor: judge.ProbeFloor}
	for n := 0; n <= 360; n += 40 {
		live := 20e6 + kept*float64(n)
		e.Checkpoints = append(e.Checkpoints, harness.Checkpoint{
			Requests: n, AtSeconds: float64(n) / 100, LiveHeapBytes: int64(live), InUseBytes: int64(live), SysBytes: int64(live) + 10e6,
			LoadAllocBytes: int64(40 * allocated),
		})
	}
	return e
}

// What keeps all that it allocates is killed when the room is full, wherever the
// collections fall.
func TestLifetimeOfWhatKeepsAll(t *testing.T) {
	const kept = 80_000
	seconds, ok := judge.Lifetime(grown(kept, kept), 256*harness.MiB)
	want := (256*(1<<20) - 10e6 - (20e6 + 360*kept)) / kept / 100
	if !ok || math.Abs(seconds-want) > 0.01*want {
		t.Errorf("lifetime %.2f s, %t, want %.2f s", seconds, ok, want)
	}
}

// Garbage brings the end nearer: no later than the live heap fills the limit, no
// sooner than it fills half of it.
func TestLifetimeWithGarbage(t *testing.T) {
	const kept = 80_000
	for _, allocated := range []float64{1.5 * kept, 2 * kept, 10 * kept, 100 * kept} {
		seconds, ok := judge.Lifetime(grown(kept, allocated), 256*harness.MiB)
		full := (256*(1<<20) - 10e6 - (20e6 + 360*kept)) / kept / 100
		half := ((256*(1<<20)-10e6)/2 - (20e6 + 360*kept)) / kept / 100
		if !ok || seconds > full || seconds < half {
			t.Errorf("lifetime %.2f s, %t at %.0f allocated, want %.2f to %.2f s", seconds, ok, allocated, half, full)
		}
	}
}

// TestLifetimeOfTheIncident is a checkpoint of the fraud check under 256 MiB, which
// the kernel killed 20.3 s later.
func TestLifetimeOfTheIncident(t *testing.T) {
	e := grown(78_950, 140_000)
	last := &e.Checkpoints[len(e.Checkpoints)-1]
	last.LiveHeapBytes, last.InUseBytes, last.IdleBytes = 50_855_824, 52_903_936, 7_421_952
	last.SysBytes, last.OffHeapBytes = 69_052_696, new(int64(10_911_744))
	e.Checkpoints[0].OffHeapBytes = new(int64(10_485_760))
	seconds, ok := judge.Lifetime(e, 256*harness.MiB)
	if !ok || math.Abs(seconds-20.3) > 2.03 {
		t.Errorf("lifetime %.1f s, %t, want 20.3 s within 10 %%", seconds, ok)
	}
}

func TestNoLifetime(t *testing.T) {
	untold := grown(1000, 2000)
	for i := range untold.Checkpoints {
		untold.Checkpoints[i].LoadAllocBytes = 0
	}
	unpaced := grown(1000, 2000)
	unpaced.RequestsPerSecond = 0
	for name, e := range map[string]judge.Evidence{
		"nothing read": {}, "no growth": grown(0, 2000), "shrinks": grown(-1000, 2000), "next to no growth": grown(0.001, 1e6),
		"allocations are not told": untold, "no rate": unpaced,
	} {
		if seconds, ok := judge.Lifetime(e, 256*harness.MiB); ok {
			t.Errorf("%s: lifetime %.1f s, want none", name, seconds)
		}
	}
}

func TestKilledForItsMemory(t *testing.T) {
	v, _ := readings{bytes: ramp(1e6), objects: ramp(1)}.run(func(e *judge.Evidence) {
		if len(e.Checkpoints) > 12 {
			e.Death = &harness.Death{
				Cause: harness.OOMKilled, Evidence: "oom_kill 0 → 1", AtSeconds: 30, ForecastSeconds: new(29.0), GCShare: new(0.021),
			}
		}
	})
	if v.Outcome != harness.Fail || v.Class != harness.Leak {
		t.Errorf("verdict %s, %s, want a leak", v.Outcome, v.Class)
	}
	want := "killed for its memory after 30.0 s, foretold for 29.0 s, which is 120 restarts an hour; " +
		"collections took 2.1 % of the processors in the end; oom_kill 0 → 1"
	if first := v.Reasons[0]; first.Code != harness.OOMKilled || first.Text != want || first.Measured != 30 || *first.Budget != 29 {
		t.Errorf("first reason %+v, want %s: %s", first, harness.OOMKilled, want)
	}
	if !strings.Contains(v.Reasons[1].Code, "slope") {
		t.Errorf("second reason %+v, want the growth", v.Reasons[1])
	}
}

// A target that never got through its warm-up has no time that a reader knows.
func TestDeathInTheWarmUp(t *testing.T) {
	e := judge.Evidence{Death: &harness.Death{Cause: harness.Crashed, AtSeconds: 0.01}, Last: true}
	for want, checkpoints := range map[string][]harness.Checkpoint{"died during the warm-up": nil, "died after 0.0 s": readings{}.freshOnly(1)} {
		e.Checkpoints = checkpoints
		if v, _ := judge.Judge(e); len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0].Text, want) {
			t.Errorf("%d checkpoints: %+v, want one that says %q", len(checkpoints), v.Reasons, want)
		}
	}
}
