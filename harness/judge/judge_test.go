package judge_test

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

func TestShapes(t *testing.T) {
	for _, test := range []struct {
		name     string
		readings readings
		change   func(*judge.Evidence)
		outcome  harness.Outcome
		class    harness.Class
		driver   harness.Driver
		// within is the number of rounds in which the verdict must be settled.
		within int
	}{
		{"nothing moves", readings{}, nil, harness.Pass, harness.Steady, "", 29},
		{"noise of a clean target", readings{bytes: noise(1, 224), objects: noise(2, 2)}, nil, harness.Pass, harness.Steady, "", 29},
		{"runtime's ratchet, below the floor", readings{bytes: ramp(2.5).plus(noise(3, 160)), objects: ramp(0.02)}, nil, harness.Pass, harness.Steady, "", 29},
		{"a sudog cache that overflows", readings{bytes: step(400, -7168), objects: step(400, -64)}, nil, harness.Pass, harness.Steady, "", 29},
		{"one new thread late", readings{bytes: step(900, 5576), objects: step(900, 7)}, nil, harness.Pass, harness.Steady, "", 29},
		{"one stray goroutine", readings{goroutines: step(500, 1)}, nil, harness.Pass, harness.Steady, "", 29},
		{"one lazy table", readings{bytes: step(300, 1<<20), objects: step(300, 9)}, nil, harness.Pass, harness.Step, "", 60},
		{"a map that kept its buckets", readings{bytes: every(100, 40<<10).until(300)}, nil, harness.Pass, harness.Capacity, "", 60},
		{"a buffer that is flushed", readings{bytes: teeth(512, 200), objects: teeth(1, 200)}, nil, harness.Pass, harness.Sawtooth, "", 60},
		{"a footprint that wanders", readings{offHeap: noise(7, 1.3e6)}, nil, harness.Pass, harness.Steady, "", 29},

		{"ripple on a bound", readings{bytes: ramp(400).until(400).plus(noise(11, 60e3)), objects: ramp(3).until(400).plus(noise(11, 150))}, nil, harness.Pass, harness.Plateau, "", 60},
		{"a pool that peaks now and then", readings{bytes: step(100, 32<<10).plus(step(500, 32<<10)).plus(step(1200, 64<<10))}, nil, harness.Pass, harness.Plateau, "", 70},
		{"8 B a request", readings{bytes: ramp(8).plus(noise(4, 160)), objects: ramp(1)}, nil, harness.Fail, harness.Leak, harness.PerRequest, 30},
		{"54 KB a request", readings{bytes: ramp(54e3).plus(noise(5, 448)), objects: ramp(1016)}, nil, harness.Fail, harness.Leak, harness.PerRequest, 30},
		{"8 B a request hidden by one fall", readings{bytes: ramp(8).plus(step(200, -7168)), objects: ramp(1).plus(step(200, -64))}, nil, harness.Fail, harness.Leak, harness.PerRequest, 36},
		{"a leak that starts after 800 requests", readings{bytes: ramp(1024).from(800), objects: ramp(1).from(800)}, nil, harness.Fail, harness.Leak, harness.PerRequest, 60},
		{"8 B on one request in ten", readings{bytes: ramp(1.6), objects: ramp(0.1).plus(noise(12, 2))}, nil, harness.Fail, harness.Leak, harness.PerRequest, 80},
		{"100 KiB on one request in 500", readings{bytes: every(500, 100<<10), objects: every(500, 1)}, nil, harness.Fail, harness.Leak, "", 100},
		{"one goroutine in 100 requests", readings{goroutines: every(100, 1)}, nil, harness.Fail, harness.Goroutine, harness.PerRequest, 40},
		{"goroutines and the heap that they hold", readings{bytes: ramp(2100), objects: ramp(4), goroutines: ramp(1)}, nil, harness.Fail, harness.Goroutine, harness.PerRequest, 30},
		{"1 KiB off-heap a request", readings{offHeap: ramp(8192).plus(noise(6, 3e5))}, nil, harness.Fail, harness.Footprint, harness.PerRequest, 60},
		{"an append buffer of plain values", readings{bytes: doubling(64, 1024)}, nil, harness.Fail, harness.Leak, "", 100},

		{"an append buffer of one word a request", readings{bytes: doubling(8, 1024)}, nil, harness.Fail, harness.Leak, "", 110},
		{"a map of plain values by key", readings{bytes: doubling(38, 1024).perKey()}, nil, harness.Fail, harness.Leak, "", 120},

		{"336 B a new key, for ever", readings{bytes: ramp(336).perKey(), objects: ramp(2).perKey()}, nil, harness.Fail, harness.Leak, harness.PerKey, 40},
		{"a cache that was full at request 200", readings{bytes: ramp(336).until(200).perKey(), objects: ramp(2).until(200).perKey()}, nil, harness.Pass, harness.Plateau, "", 60},
		{"a cache that is full at key 3000", readings{bytes: ramp(336).until(3000).perKey(), objects: ramp(2).until(3000).perKey()}, nil, harness.Pass, harness.Plateau, harness.PerKey, 60},
		{"a cache that is full at key 60 000", readings{bytes: ramp(336).until(60000).perKey(), objects: ramp(2).until(60000).perKey()}, nil, harness.Pass, harness.Plateau, harness.PerKey, 120},
		{"a cache that is full at key 86 000, too late to tell", readings{bytes: ramp(336).until(86000).perKey(), objects: ramp(2).until(86000).perKey()}, nil, harness.Inconclusive, harness.Unsettled, "", 120},
		{"a cache whose entries expire", readings{bytes: expiring(336, 4).perKey(), objects: expiring(2, 4).perKey()}, nil, harness.Pass, harness.Delayed, "", 60},
		{"1 KiB a second, load or no load", readings{bytes: ramp(2048).perSecond(), objects: ramp(20).perSecond()}, nil, harness.Fail, harness.Leak, harness.PerTime, 60},

		{"2 KiB a new connection", readings{bytes: ramp(2048).perConnection().plus(noise(13, 160)), objects: ramp(12).perConnection()}, nil, harness.Fail, harness.Leak, harness.PerConnection, 40},
		{"a goroutine a new connection", readings{goroutines: ramp(1).perConnection()}, nil, harness.Fail, harness.Goroutine, harness.PerConnection, 40},
		{"what a new connection adds to a clean target", readings{bytes: ramp(14).perConnection().plus(noise(14, 224)), objects: ramp(0.11).perConnection()}, nil, harness.Pass, harness.Steady, "", 29},
		{"peers that are forgotten after a second", readings{bytes: expiring(400, 1).perConnection(), objects: expiring(3, 1).perConnection()}, nil, harness.Pass, harness.Steady, "", 50},
		{"peers that are forgotten after a while", readings{bytes: expiring(400, 12).perConnection(), objects: expiring(3, 12).perConnection()}, nil, harness.Fail, harness.Leak, harness.PerConnection, 50},
		{"a table of 300 peers", readings{bytes: ramp(400).until(300).perConnection(), objects: ramp(3).until(300).perConnection()}, nil, harness.Pass, harness.Steady, "", 50},

		{"a ring of the last 2 000 requests", readings{bytes: ramp(512).until(2000), objects: ramp(1).until(2000)}, nil, harness.Pass, harness.Plateau, harness.PerRequest, 60},
		{"a batch that is flushed every 2 500 requests", readings{bytes: teeth(512, 2500), objects: teeth(1, 2500)}, nil, harness.Pass, harness.Plateau, harness.PerRequest, 60},
		{"what each request holds for 7 s", readings{bytes: expiring(512, 7), objects: expiring(1, 7)}, patience, harness.Pass, harness.Delayed, "", 60},
		{"what each key holds for 10 s", readings{bytes: expiring(512, 10).perKey(), objects: expiring(1, 10).perKey()}, patience, harness.Pass, harness.Delayed, "", 60},
		{"a leak, watched for as long", readings{bytes: ramp(512), objects: ramp(1)}, patience, harness.Fail, harness.Leak, harness.PerRequest, 60},

		{"requests that must not be repeated", readings{bytes: ramp(336).perKey(), objects: ramp(2).perKey()},
			func(e *judge.Evidence) { e.NoReplay = true }, harness.Inconclusive, harness.Unsettled, "", 60},
		{"past twice the declared keys", readings{bytes: ramp(336).perKey(), objects: ramp(2).perKey()},
			func(e *judge.Evidence) { e.NoReplay = true; e.Budget.Keys = 500 }, harness.Fail, harness.Leak, "", 40},
		{"within a loosened budget", readings{bytes: ramp(100), objects: ramp(1)},
			func(e *judge.Evidence) { e.Budget.Slope = 128 }, harness.Pass, harness.Steady, "", 29},
		{"over a loosened budget", readings{bytes: ramp(100), objects: ramp(1)},
			func(e *judge.Evidence) { e.Budget.Slope = 64 }, harness.Fail, harness.Leak, harness.PerRequest, 30},
		{"within a budget of growth in time", readings{bytes: ramp(9 << 10), objects: ramp(30)},
			func(e *judge.Evidence) {
				e.Budget.Growth = harness.Growth{Bytes: 50 * harness.MiB, Over: 30e9}
			}, harness.Pass, harness.Steady, "", 29},
		{"over the peak", readings{bytes: constant(1e6)},
			func(e *judge.Evidence) { e.Budget.Peak = 2 * harness.MiB }, harness.Fail, harness.Steady, "", 29},
		{"a leak that a budget of churn must not hide", readings{bytes: ramp(1024), objects: ramp(1)},
			func(e *judge.Evidence) { e.Budget.Churn = 1024 }, harness.Fail, harness.Leak, harness.PerRequest, 30},
		{"over the churn", readings{},
			func(e *judge.Evidence) { e.Budget.Churn = 1024 }, harness.Fail, harness.Steady, "", 29},
		{"most requests failed", readings{},
			func(e *judge.Evidence) { e.Errors = e.Requests }, harness.Inconclusive, harness.Unsettled, "", 24},
		{"crashed", readings{},
			func(e *judge.Evidence) { e.Death = &harness.Death{Cause: harness.Crashed} }, harness.Inconclusive, harness.Unsettled, "", 1},
		{"grew, then crashed", readings{bytes: ramp(1024), objects: ramp(1)}, func(e *judge.Evidence) {
			if len(e.Checkpoints) > 10 {
				e.Death = &harness.Death{Cause: harness.Crashed}
			}
		}, harness.Inconclusive, harness.Unsettled, "", 10},
		{"leaked, then crashed", readings{bytes: ramp(1024), objects: ramp(1)}, func(e *judge.Evidence) {
			if len(e.Checkpoints) > 14 {
				e.Death = &harness.Death{Cause: harness.Crashed}
			}
		}, harness.Fail, harness.Leak, harness.PerRequest, 14},
		{"grew, then killed for its memory", readings{bytes: ramp(1e6), objects: ramp(1)}, func(e *judge.Evidence) {
			if len(e.Checkpoints) > 10 {
				e.Death = &harness.Death{Cause: harness.OOMKilled}
			}
		}, harness.Fail, harness.Leak, "", 10},
		{"a background fill of 8 s", readings{bytes: ramp(2048).until(8).perSecond(), objects: ramp(20).until(8).perSecond()}, patience, harness.Pass, harness.Plateau, harness.PerTime, 60},
		{"peers that are held for 5 s", readings{bytes: expiring(2048, 5).perConnection(), objects: expiring(12, 5).perConnection()}, patience, harness.Pass, harness.Delayed, harness.PerConnection, 60},
		{"reached its ceiling too soon for a line", readings{bytes: ramp(1e6), objects: ramp(1)}, func(e *judge.Evidence) {
			if n := len(e.Checkpoints); n > 3 {
				e.Death = &harness.Death{Cause: harness.MemoryCeiling}
				e.Checkpoints[0].RSSBytes, e.Checkpoints[n-1].RSSBytes = new(int64(30e6)), new(int64(200e6))
			}
		}, harness.Fail, harness.Leak, "", 4},
		{"reached its ceiling", readings{bytes: ramp(1e6), objects: ramp(1)}, func(e *judge.Evidence) {
			if len(e.Checkpoints) > 3 {
				e.Death = &harness.Death{Cause: harness.MemoryCeiling}
			}
		}, harness.Fail, harness.Unsettled, "", 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, rounds := test.readings.run(test.change)
			if v.Outcome != test.outcome || v.Class != test.class || v.Driver != test.driver || len(rounds) > test.within {
				t.Errorf("got %s, %s, %q after %d rounds; want %s, %s, %q within %d\n%v\n%+v",
					v.Outcome, v.Class, v.Driver, len(rounds), test.outcome, test.class, test.driver, test.within, rounds, v.Reasons)
			}
			if len(v.Reasons) == 0 {
				t.Error("a verdict without a reason")
			}
		})
	}
}

// patience watches growth for as long as a run does by default.
func patience(e *judge.Evidence) { e.Load.Patience = harness.DefaultLoad().Patience }

// Growth is taken apart: 336 B for a new key, 32 B for each request beside it.
func TestGrowthIsDecomposed(t *testing.T) {
	v, _ := readings{
		bytes:   ramp(336).perKey().plus(ramp(32)),
		objects: ramp(2).perKey().plus(ramp(1)),
	}.run(nil)
	want := []harness.Part{
		{Driver: harness.PerRequest, Bytes: 32, BytesLow: 32, Objects: 1, Unit: "request"},
		{Driver: harness.PerKey, Bytes: 336, BytesLow: 336, Objects: 2, Unit: "key"},
	}
	if diff := cmp.Diff(want, v.Parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if v.Driver != harness.PerKey {
		t.Errorf("driver %s; want the larger part's, key", v.Driver)
	}
}

// What comes with time is no part of what a request adds.
func TestTimeIsNoPartOfARequest(t *testing.T) {
	v, _ := readings{
		bytes:   ramp(10).plus(ramp(2e5).perSecond()),
		objects: ramp(1).plus(ramp(100).perSecond()),
	}.run(patience)
	want := []harness.Part{
		{Driver: harness.PerRequest, Bytes: 10, BytesLow: 10, Objects: 1, Unit: "request"},
		{Driver: harness.PerTime, Bytes: 2e5, BytesLow: 2e5, Objects: 100, Unit: "second"},
	}
	about := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 0.2*math.Abs(a)+1e-9 })
	if diff := cmp.Diff(want, v.Parts, about); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

// Where nothing may be repeated, resting still tells what is released late.
func TestDeclaredKeysAreRestedFor(t *testing.T) {
	declared := func(e *judge.Evidence) { patience(e); e.NoReplay = true; e.Budget.Keys = 100 }
	if v, rounds := (readings{bytes: expiring(1024, 8), objects: expiring(1, 8)}).run(declared); v.Outcome != harness.Pass {
		t.Errorf("%s, %s after %v: %+v; want a pass", v.Outcome, v.Class, rounds, v.Reasons)
	}
	if v, rounds := (readings{bytes: ramp(1024), objects: ramp(1)}).run(declared); v.Outcome != harness.Fail || v.Reasons[len(v.Reasons)-1].Code != "past-keys" {
		t.Errorf("%s, %s after %v: %+v; want a fail past the keys", v.Outcome, v.Class, rounds, v.Reasons)
	}
}

// A warning level is for each channel, whatever another one did.
func TestWarnsBesideAStep(t *testing.T) {
	v, _ := readings{bytes: ramp(100), objects: ramp(1), goroutines: step(300, 8)}.run(func(e *judge.Evidence) { e.Budget.Slope = 1024; e.Warn.Slope = 16 })
	if !slices.ContainsFunc(v.Warnings, func(w harness.Warning) bool { return w.Code == "warn-slope" }) {
		t.Errorf("%s, %s: %+v; want a warning of the slope", v.Outcome, v.Class, v.Warnings)
	}
}

func TestVerdictSaysHowMuch(t *testing.T) {
	v, rounds := readings{bytes: ramp(64), objects: ramp(1)}.run(func(e *judge.Evidence) {
		e.Budget = harness.Budget{Slope: 16}
	})
	if *v.SlopeBytesPerRequest != 64 || *v.ObjectsPerRequest != 1 {
		t.Errorf("slope %v, objects %v; want 64 and 1", *v.SlopeBytesPerRequest, *v.ObjectsPerRequest)
	}
	growth := int64(0)
	for _, r := range rounds {
		if r == harness.Fresh || r == harness.Replay {
			growth += segment * 64
		}
	}
	if *v.ChurnBytesPerRequest != 2048 || *v.GrowthBytes != growth {
		t.Errorf("churn %v, growth %v", *v.ChurnBytesPerRequest, *v.GrowthBytes)
	}
	want := []string{"slope", "objects", "replay"}
	var got []string
	for _, r := range v.Reasons {
		got = append(got, r.Code)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if text := v.Reasons[1].Text; !strings.Contains(text, "exactly 1 object a request") || !strings.Contains(text, "64 B") {
		t.Errorf("the whole number of objects is not said: %q", text)
	}
}

func TestGrowthBudgetIsProjected(t *testing.T) {
	v, _ := readings{bytes: ramp(54400), objects: ramp(1016)}.run(func(e *judge.Evidence) {
		e.Budget.Growth = harness.Growth{Bytes: 50 * harness.MiB, Over: 30e9}
	})
	if got, want := *v.ProjectedGrowthBytes, 54400.0*3000; got != want {
		t.Errorf("projected growth %v, want %v", got, want)
	}
	for _, r := range v.Reasons {
		if r.Code == "growth" && *r.Budget == 50*1024*1024 {
			return
		}
	}
	t.Errorf("no reason names the growth budget: %+v", v.Reasons)
}

func TestRareBigLeakIsMeasuredByItsMean(t *testing.T) {
	v, _ := readings{bytes: every(500, 100<<10), objects: every(500, 1)}.run(nil)
	if got, want := *v.SlopeBytesPerRequest, 100*1024/500.0; math.Abs(got-want) > 0.3*want {
		t.Errorf("slope %v, want about %v", got, want)
	}
}

func TestInconclusiveSaysWhatWouldDecide(t *testing.T) {
	v, _ := readings{bytes: ramp(336).until(86000).perKey(), objects: ramp(2).until(86000).perKey()}.run(nil)
	if text := v.Reasons[0].Text; !strings.Contains(text, "warm up with more distinct keys") {
		t.Errorf("no way out is named: %q", text)
	}
}

// Scaling what is read scales the slope, shifting it changes nothing, and so
// the verdict stays.
func TestScalingAndShifting(t *testing.T) {
	base := readings{bytes: ramp(64).plus(noise(8, 100)), objects: ramp(1)}
	v, _ := base.run(nil)
	shifted, _ := readings{bytes: base.bytes.plus(constant(1e7)), objects: base.objects}.run(nil)
	if *shifted.SlopeBytesPerRequest != *v.SlopeBytesPerRequest || shifted.Outcome != v.Outcome {
		t.Errorf("shifted by a constant: slope %v, was %v", *shifted.SlopeBytesPerRequest, *v.SlopeBytesPerRequest)
	}
	scaled, _ := readings{bytes: func(past []state) float64 { return 4 * float64(int64(base.bytes(past))) }, objects: base.objects}.run(nil)
	if math.Abs(*scaled.SlopeBytesPerRequest-4**v.SlopeBytesPerRequest) > 0.5 {
		t.Errorf("four times the bytes: slope %v, was %v", *scaled.SlopeBytesPerRequest, *v.SlopeBytesPerRequest)
	}
}

// No constant of the judge was chosen on this noise: 300 clean targets, judged
// after every segment, never accused.
func TestNoFalseAlarmOnCleanNoise(t *testing.T) {
	for seed := range uint64(300) {
		v, _ := readings{
			bytes:   ramp(1).plus(noise(seed, 400)),
			objects: noise(seed+1000, 3),
		}.run(nil)
		if v.Outcome != harness.Pass {
			t.Errorf("seed %d: %s, %s: %+v", seed, v.Outcome, v.Class, v.Reasons)
		}
	}
}

// Whoever waits for a verdict waits for the experiments too, and not for what is
// measured after it.
func TestRequestsToVerdictCountAllRounds(t *testing.T) {
	leak := readings{bytes: ramp(64), objects: ramp(1)}
	_, rounds := leak.run(nil)
	past := []state{{}}
	checkpoints := []harness.Checkpoint{leak.checkpoint(past, harness.Fresh)}
	var said *harness.Checkpoint
	for _, round := range append(rounds, harness.Fresh, harness.Fresh, harness.Fresh) {
		past = append(past, after(past[len(past)-1], round))
		checkpoints = append(checkpoints, leak.checkpoint(past, round))
		if v, _ := judge.Judge(evidence(checkpoints)); said == nil && v.Outcome == harness.Fail {
			said = &checkpoints[len(checkpoints)-1]
		}
	}
	final := judge.Final(evidence(checkpoints))
	if final.RequestsToVerdict != said.Requests || final.SecondsToVerdict != said.AtSeconds {
		t.Errorf("settled after %d requests and %v s, want %d and %v, when it was said first",
			final.RequestsToVerdict, final.SecondsToVerdict, said.Requests, said.AtSeconds)
	}
}

func FuzzJudge(f *testing.F) {
	seed, _ := json.Marshal(readings{bytes: ramp(64)}.freshOnly(12))
	f.Add(seed, 8, 16.0, byte(1))
	f.Add([]byte(`[{"requests":-1},{"requests":-1,"live_heap_bytes":9223372036854775807}]`), 0, -1.0, byte(0))
	f.Add(allRounds(), 8, 0.0, byte(0))
	f.Add(allRounds(), 8, 0.0, byte(0b1111_1111))
	f.Fuzz(func(t *testing.T, checkpoints []byte, least int, slope float64, flags byte) {
		e := judge.Evidence{Load: harness.Load{Segment: segment, Segments: harness.Segments{Min: least, Max: 60}, Patience: harness.Duration(5e9)},
			Budget: harness.Budget{Slope: harness.BytesPerRequest(slope)}}
		if json.Unmarshal(checkpoints, &e.Checkpoints) != nil || len(e.Checkpoints) > 200 {
			return
		}
		set := func(bit int) bool { return flags&(1<<bit) != 0 }
		e.Last, e.NoReplay = set(0), set(1)
		if set(2) {
			e.Death = &harness.Death{Cause: harness.MemoryCeiling}
		}
		if set(3) {
			e.Control = e.Checkpoints
		}
		if set(4) {
			e.Axis = "KiB allocated"
		}
		if set(5) {
			e.Floor = judge.ContinuousFloor
		}
		if set(6) {
			e.Warn, e.Budget.Keys = harness.Budget{Slope: 1, Peak: 1, OffHeap: 1}, 10
		}
		v, _ := judge.Judge(e)
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("a verdict that cannot be written: %v", err)
		}
	})
}

// allRounds is what a target went through in which every kind of round was made, and
// off-heap memory could not always be read.
func allRounds() []byte {
	r := readings{bytes: ramp(300).plus(expiring(900, 4)).perKey(), objects: ramp(3).plus(expiring(9, 4)).perKey(), offHeap: ramp(900)}
	past := []state{{}}
	checkpoints := []harness.Checkpoint{r.checkpoint(past, harness.Fresh)}
	for round, n := range []int{12, 8, 4, 5, 5, 3, 5, 3, 5} {
		kind := []harness.Round{harness.Fresh, harness.Replay, harness.Idle, harness.Flood, harness.Rest, harness.Flood, harness.Rest, harness.Reconnect, harness.Rest}[round]
		for k := range n {
			past = append(past, after(past[len(past)-1], kind))
			c := r.checkpoint(past, kind)
			if k == 1 {
				c.OffHeapBytes = nil
			}
			checkpoints = append(checkpoints, c)
		}
	}
	data, _ := json.Marshal(checkpoints)
	return data
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{10, 60, 1_000, 100_000} {
		e := evidence(readings{bytes: noise(1, 200), objects: noise(2, 2)}.freshOnly(n))
		b.Run("checkpoints="+strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				judge.Judge(e)
			}
		})
	}
}
