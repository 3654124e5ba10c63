package judge_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// footprint gives every checkpoint a resident set.
func footprint(e *judge.Evidence, bytes harness.Bytes) {
	e.Checkpoints = slices.Clone(e.Checkpoints)
	for i := range e.Checkpoints {
		e.Checkpoints[i].RSSBytes = new(int64(bytes))
	}
}

func TestBudgets(t *testing.T) {
	within := func(least harness.Duration) harness.Budget {
		return harness.Budget{TimeToOOM: harness.TimeToOOM{AtLeast: least, Limit: harness.GiB}}
	}
	const day = harness.Duration(24 * 3600e9)
	small := readings{objects: every(2, 1)} // the bytes of which were there before
	heap := readings{bytes: ramp(100), objects: ramp(1)}
	native := readings{offHeap: ramp(8192).plus(noise(6, 3e5))}
	for _, test := range []struct {
		name     string
		readings readings
		budget   harness.Budget
		rss      harness.Bytes
		outcome  harness.Outcome
		reason   string // the code of one, and what it says
		text     string
	}{
		{"objects, none allowed", small, harness.Budget{}, 0, harness.Fail, "objects", "0.5 objects a request"},
		{"objects, allowed", small, harness.Budget{Objects: 0.6}, 0, harness.Pass, "clean", ""},
		{"objects, fewer allowed", small, harness.Budget{Objects: 0.4}, 0, harness.Fail, "objects", ""},
		{"objects do not allow bytes", heap, harness.Budget{Objects: 2}, 0, harness.Fail, "slope", ""},
		{"off-heap, none allowed", native, harness.Budget{}, 0, harness.Fail, "off-heap", "allowed are 256 B"},
		{"off-heap, allowed", native, harness.Budget{OffHeap: 10 << 10}, 0, harness.Pass, "clean", ""},
		{"off-heap, less allowed", native, harness.Budget{OffHeap: 2048}, 0, harness.Fail, "off-heap", "allowed are 2 KiB"},
		{"footprint within", readings{}, harness.Budget{RSS: 64 * harness.MiB}, 64 * harness.MiB, harness.Pass, "clean", ""},
		{"footprint over", readings{}, harness.Budget{RSS: 64 * harness.MiB}, 65 * harness.MiB, harness.Fail, "rss", "reached 65 MiB; allowed are 64 MiB"},
		{"footprint not read", readings{}, harness.Budget{RSS: 64 * harness.MiB}, 0, harness.Pass, "clean", ""},
		// 1 GiB ÷ (100 B × 100 requests/s) is 29 h 50 min.
		{"fills 1 GiB in more than a day", heap, within(day), 0, harness.Pass, "clean", ""},
		{"fills 1 GiB in less than two days", heap, within(2 * day), 0, harness.Fail, "time-to-oom",
			"at 100 requests/s it fills 1 GiB in 29h49m34s, between 29h49m34s and 29h49m34s; allowed are no less than 48h0m0s"},
		{"fills what is left of it in less than a day", heap, within(day), 512 * harness.MiB, harness.Fail, "time-to-oom", "in 14h54m47s"},
		{"nothing is left of it", heap, within(day), 2 * harness.GiB, harness.Fail, "time-to-oom", "in 0s"},
		{"nothing is left of it, and nothing grows", readings{}, within(day), 2 * harness.GiB, harness.Pass, "clean", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, _ := test.readings.run(func(e *judge.Evidence) {
				e.Budget = test.budget
				if test.rss > 0 {
					footprint(e, test.rss)
				}
			})
			if v.Outcome != test.outcome {
				t.Errorf("%s, want %s: %+v", v.Outcome, test.outcome, v.Reasons)
			}
			if !slices.ContainsFunc(v.Reasons, func(r harness.Reason) bool { return r.Code == test.reason && strings.Contains(r.Text, test.text) }) {
				t.Errorf("no reason %s that says %q: %+v", test.reason, test.text, v.Reasons)
			}
		})
	}
}

// A flood is not the scenario's load: what it makes resident is not over the budget.
func TestFootprintOfAFloodIsNotJudged(t *testing.T) {
	e := evidence(readings{}.freshOnly(30))
	footprint(&e, harness.MiB)
	e.Budget.RSS = 2 * harness.MiB
	e.Checkpoints[30].RSSBytes = new(int64(3 * harness.MiB))
	for round, want := range map[harness.Round]harness.Outcome{harness.Fresh: harness.Fail, harness.Sampling: harness.Pass} {
		e.Checkpoints[30].Round, e.Last = round, true
		if v, _ := judge.Judge(e); v.Outcome != want {
			t.Errorf("after a %s round: %s, want %s: %+v", round, v.Outcome, want, v.Reasons)
		}
	}
}

func TestEvidenceOfARecordHasItsBudgets(t *testing.T) {
	spec := harness.Scenario{Budget: harness.Budget{Slope: 16}, Warn: harness.Budget{Slope: 8}}
	if e := judge.Of(spec, harness.Result{}); e.Budget != spec.Budget || e.Warn != spec.Warn {
		t.Errorf("budget %+v, warn %+v; want those of %+v", e.Budget, e.Warn, spec)
	}
}

func TestWarningLevels(t *testing.T) {
	heap := readings{bytes: ramp(10), objects: ramp(0.02)}
	for _, test := range []struct {
		name         string
		readings     readings
		budget, warn harness.Budget
		outcome      harness.Outcome
		want         []string // the codes of the warnings
	}{
		{"no level", heap, harness.Budget{Slope: 16}, harness.Budget{}, harness.Pass, nil},
		{"below the level", heap, harness.Budget{Slope: 16}, harness.Budget{Slope: 12}, harness.Pass, nil},
		{"between level and budget", heap, harness.Budget{Slope: 16}, harness.Budget{Slope: 8}, harness.Pass, []string{"warn-slope"}},
		{"over the budget", heap, harness.Budget{Slope: 6}, harness.Budget{Slope: 5}, harness.Fail, nil},
		{"a level of something else", heap, harness.Budget{Slope: 16}, harness.Budget{Goroutines: 0.01}, harness.Pass, nil},
		{"churn", readings{}, harness.Budget{Churn: 4096}, harness.Budget{Churn: 1024}, harness.Pass, []string{"warn-churn"}},
		{"peak", readings{}, harness.Budget{}, harness.Budget{Peak: harness.MiB}, harness.Pass, []string{"warn-peak"}},
		{"churn and goroutines", readings{goroutines: every(100, 1)}, harness.Budget{Goroutines: 0.1}, harness.Budget{Goroutines: 0.005, Churn: 1024},
			harness.Pass, []string{"warn-goroutines", "warn-churn"}},
		{"a bound", readings{bytes: ramp(336).until(3000).perKey(), objects: ramp(2).until(3000).perKey()}, harness.Budget{}, harness.Budget{Slope: 8}, harness.Pass, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, _ := test.readings.run(func(e *judge.Evidence) { e.Budget, e.Warn = test.budget, test.warn })
			var got []string
			for _, w := range v.Warnings {
				got = append(got, w.Code)
			}
			if v.Outcome != test.outcome || !slices.Equal(got, test.want) {
				t.Errorf("%s with warnings %v, want %s with %v: %+v", v.Outcome, got, test.outcome, test.want, v.Reasons)
			}
		})
	}
}

// Whatever the budgets and the checkpoints are, a verdict has no NaN and no
// infinity in it.
func FuzzBudgets(f *testing.F) {
	seed, _ := json.Marshal(readings{bytes: ramp(64), objects: ramp(1)}.freshOnly(12))
	f.Add(seed, 100.0, int64(24*3600e9), int64(harness.GiB), 0.5)
	f.Add([]byte(`[{"rss_bytes":-9223372036854775808},{"sys_bytes":9223372036854775807}]`), 1e308, int64(-1), int64(1), -1.0)
	f.Fuzz(func(t *testing.T, checkpoints []byte, rate float64, least, limit int64, count float64) {
		e := judge.Evidence{Load: harness.Load{Segment: segment, Segments: harness.Segments{Min: 4}}, RequestsPerSecond: rate, Last: true}
		e.Budget = harness.Budget{Objects: harness.CountPerRequest(count), OffHeap: harness.BytesPerRequest(count), RSS: harness.Bytes(limit),
			TimeToOOM: harness.TimeToOOM{AtLeast: harness.Duration(least), Limit: harness.Bytes(limit)}}
		e.Warn = e.Budget
		if json.Unmarshal(checkpoints, &e.Checkpoints) != nil || len(e.Checkpoints) == 0 || len(e.Checkpoints) > 200 {
			return
		}
		v, _ := judge.Judge(e)
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("a verdict that cannot be written: %v", err)
		}
	})
}

func TestShareOfCollections(t *testing.T) {
	collecting := func(seconds float64) []harness.Checkpoint {
		checkpoints := readings{}.freshOnly(24)
		for i := range checkpoints[1:] {
			checkpoints[i+1].LoadCPUSeconds, checkpoints[i+1].LoadGCCPUSeconds = new(0.1), new(seconds)
		}
		return checkpoints
	}
	for seconds, want := range map[float64]harness.Outcome{0.02: harness.Pass, 0.03: harness.Fail} {
		e := evidence(collecting(seconds))
		e.Budget.GCCPU, e.Last = 0.25, true
		v, _ := judge.Judge(e)
		failed := slices.ContainsFunc(v.Reasons, func(r harness.Reason) bool { return r.Code == "gc-cpu" && math.Abs(r.Measured-10*seconds) < 1e-9 })
		if v.Outcome != want || failed != (want == harness.Fail) {
			t.Errorf("%v s of 0.1 s: %s, %+v", seconds, v.Outcome, v.Reasons)
		}
	}
}

// A variant may drift as its control does in the same run, and no more.
func TestControlIsTheNoiseReference(t *testing.T) {
	drifting := readings{bytes: ramp(6), objects: ramp(0.08)}
	alone, _ := drifting.run(nil)
	if alone.Outcome != harness.Fail {
		t.Fatalf("alone: %s, want a fail for the control to excuse", alone.Outcome)
	}
	for perRequest, want := range map[float64]harness.Outcome{6: harness.Pass, 100: harness.Fail} {
		leak := readings{bytes: ramp(perRequest), objects: ramp(perRequest / 75)}
		v, _ := leak.run(func(e *judge.Evidence) {
			e.Control = drifting.freshOnly(len(e.Checkpoints))
		})
		if v.Outcome != want {
			t.Errorf("%v B a request beside a control that drifts by 6: %s, want %s", perRequest, v.Outcome, want)
		}
	}
	leaking := readings{bytes: ramp(100), objects: ramp(2)}
	v, _ := leaking.run(func(e *judge.Evidence) { e.Control = leaking.freshOnly(len(e.Checkpoints)) })
	if v.Outcome != harness.Fail {
		t.Errorf("a control that leaks excused a leak: %s", v.Outcome)
	}
}

// Segments may begin short: a plain leak is then found after few requests, and no
// target is called clean after fewer.
func TestShortFirstSegments(t *testing.T) {
	short := func(e *judge.Evidence) { e.Load.FirstSegment = segment / 4 }
	at := func(r readings) (harness.Verdict, int) {
		past := []state{{}}
		checkpoints := []harness.Checkpoint{r.checkpoint(past, harness.Fresh)}
		load := harness.Load{Segment: segment, FirstSegment: segment / 4}
		for k, next := 0, harness.Fresh; ; k++ {
			s := after(past[len(past)-1], next)
			if before := past[len(past)-1]; next == harness.Fresh {
				s.requests, s.keys = before.requests+float64(load.SegmentAt(k)), before.keys+float64(load.SegmentAt(k))
			}
			past = append(past, s)
			checkpoints = append(checkpoints, r.checkpoint(past, next))
			e := evidence(checkpoints)
			short(&e)
			v, wanted := judge.Judge(e)
			if next = wanted; next == "" || v.Outcome == harness.Fail {
				return v, checkpoints[len(checkpoints)-1].Requests
			}
		}
	}
	if v, requests := at(readings{bytes: ramp(54e3), objects: ramp(1016)}); v.Outcome != harness.Fail || requests > 250 {
		t.Errorf("a leak: %s after %d requests, want a fail within 250", v.Outcome, requests)
	}
	if v, requests := at(readings{}); v.Outcome != harness.Pass || requests < 24*segment {
		t.Errorf("nothing moves: %s after %d requests, want a pass after at least %d", v.Outcome, requests, 24*segment)
	}
}

func TestWhatIsNotTriedIsAWarning(t *testing.T) {
	for _, never := range []bool{false, true} {
		v, _ := readings{}.run(func(e *judge.Evidence) { e.NoReplay = never })
		if got := slices.ContainsFunc(v.Warnings, func(w harness.Warning) bool { return w.Code == "connections-untried" }); got != never {
			t.Errorf("no replay %v: warned %v", never, got)
		}
	}
}

func TestARateThatIsNotHeldIsAWarning(t *testing.T) {
	for held, want := range map[float64]bool{95: false, 80: true, 0: false} {
		v, _ := readings{}.run(func(e *judge.Evidence) { e.HeldPerSecond = held })
		if got := slices.ContainsFunc(v.Warnings, func(w harness.Warning) bool { return w.Code == "rate-missed" }); got != want {
			t.Errorf("%v of 100 requests/s held: warned %v, want %v", held, got, want)
		}
	}
}

// A target that is never stopped is judged by readings that are a collection apart,
// and a pass claims no more than its noise allows.
func TestReadingsWithoutACollection(t *testing.T) {
	continuous := func(e *judge.Evidence) {
		e.Floor = judge.ContinuousFloor
		e.Checkpoints = slices.Clone(e.Checkpoints)
		for i := range e.Checkpoints {
			e.Checkpoints[i].GCCycles = int64(i / 2) // every other reading says nothing new
		}
	}
	v, rounds := readings{bytes: noise(21, 4e5)}.run(continuous)
	if v.Outcome != harness.Pass || v.Reasons[0].Measured < 500 || len(rounds) < 48 {
		t.Errorf("noise: %s after %d rounds, %+v; want a pass that excludes no less than the noise", v.Outcome, len(rounds), v.Reasons)
	}
	v, _ = readings{bytes: ramp(64 << 10).plus(noise(22, 4e5))}.run(continuous)
	if v.Outcome != harness.Fail || v.Class != harness.Leak {
		t.Errorf("64 KiB a request: %s, %s, %+v", v.Outcome, v.Class, v.Reasons)
	}
}
