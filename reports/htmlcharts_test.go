package reports

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestExtremesKeepEveryPeak(t *testing.T) {
	samples := make([]harness.Sample, 5000)
	for i := range samples {
		samples[i] = harness.Sample{LiveHeapBytes: 100, InUseBytes: 100, Goroutines: 100}
	}
	samples[1234].LiveHeapBytes = 900
	samples[2345].InUseBytes = 1
	samples[3456].Goroutines = 7
	samples[4567].RSSBytes = new(int64(5))
	samples[2222].RatePerSecond = new(5000.0)
	samples[3333].LatencyP99Seconds = new(0.02)
	kept := extremes(samples, 200)
	if len(kept) > 200 || !slices.IsSorted(kept) {
		t.Errorf("%d samples, want at most 200 in order: %v", len(kept), kept)
	}
	for _, i := range []int{0, 1234, 2222, 2345, 3333, 3456, 4567, 4999} {
		if !slices.Contains(kept, i) {
			t.Errorf("sample %d is not drawn", i)
		}
	}
	if got := extremes(samples[:5], 200); !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("of few samples %v are drawn, want all", got)
	}
	if got := extremes(samples, 3); !slices.Equal(got, []int{0, 2499, 4999}) {
		t.Errorf("three samples: %v", got)
	}
}

func TestTimelineOfTheLoad(t *testing.T) {
	got := newHTMLTimeline([]harness.Sample{{}, {RatePerSecond: new(99.6), LatencyP99Seconds: new(0.0031)}, {RatePerSecond: new(0.0)}}, 100)
	if diff := cmp.Diff([]*float64{nil, new(99.6), new(0.0)}, got.Rate); diff != "" {
		t.Errorf("rate (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*float64{nil, new(0.0031), nil}, got.P99); diff != "" {
		t.Errorf("latency (-want +got):\n%s", diff)
	}
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		all, n int
		want   []int
	}{{0, 5, []int{}}, {3, 5, []int{0, 1, 2}}, {9, 3, []int{0, 4, 8}}, {9, 1, []int{0}}} {
		if diff := cmp.Diff(test.want, spread(test.all, test.n)); diff != "" {
			t.Errorf("%d of %d:\n%s", test.n, test.all, diff)
		}
	}
}

func TestCoresBetween(t *testing.T) {
	sample := func(at float64, cpu *float64) harness.Sample {
		return harness.Sample{AtSeconds: at, CPUSeconds: cpu}
	}
	if got := coresBetween(sample(1, new(2.0)), sample(3, new(5.0))); got == nil || *got != 1.5 {
		t.Errorf("cores = %v, want 1.5", got)
	}
	for name, got := range map[string]*float64{
		"not measured": coresBetween(sample(1, nil), sample(2, new(1.0))),
		"no time":      coresBetween(sample(1, new(1.0)), sample(1, new(2.0))),
	} {
		if got != nil {
			t.Errorf("%s: cores = %v, want nil", name, *got)
		}
	}
}

// TestLine fits the middle of the fresh rounds: a replay that adds nothing, and a
// reading off the line, do not move it.
func TestLine(t *testing.T) {
	v := harness.Result{Verdict: harness.Verdict{SlopeBytesPerRequest: new(10.0), SlopeLow: new(9.0), SlopeHigh: new(11.0)}}
	for _, c := range []struct {
		round    harness.Round
		requests int
		live     int64
	}{{"", 0, 1000}, {"", 10, 1100}, {harness.Replay, 20, 1}, {"", 30, 9000}, {"", 40, 1400}, {"", 50, 1500}} {
		v.Checkpoints = append(v.Checkpoints, harness.Checkpoint{Round: c.round, Requests: c.requests, LiveHeapBytes: c.live})
	}
	if diff := cmp.Diff(&htmlLine{X: 30, Y: 1300, Slope: 10, Low: 9, High: 11}, lineOf(v)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := lineOf(harness.Result{Checkpoints: v.Checkpoints}); got != nil {
		t.Errorf("a line without a fit: %v", got)
	}
}

func TestAllowed(t *testing.T) {
	r := harness.Record{Spec: harness.Scenario{Load: harness.Load{Rate: 100}, Budget: harness.Budget{
		Slope: 600, Growth: harness.Growth{Bytes: 30_000, Over: harness.Duration(1e9)}}}}
	if got := allowed(r, harness.Result{}); got == nil || *got != 300 {
		t.Errorf("allowed %v a request, want the 300 of 30 000 B in 100 requests", got)
	}
	judged := harness.Result{Verdict: harness.Verdict{Reasons: []harness.Reason{{Code: "slope", Budget: new(16.0)}}}}
	if got := allowed(r, judged); got == nil || *got != 16 {
		t.Errorf("allowed %v a request, want the 16 of the verdict", got)
	}
	if got := allowed(harness.Record{}, harness.Result{}); got != nil {
		t.Errorf("allowed %v a request without a budget", *got)
	}
}

func TestGraphs(t *testing.T) {
	site := func(bytes, goroutines int64, stack ...string) harness.Blame {
		b := harness.Blame{GrowthBytes: bytes, GrowthGoroutines: goroutines}
		for _, f := range stack {
			b.Stack = append(b.Stack, harness.Frame{Function: f})
		}
		return b
	}
	v := harness.Result{Blame: []harness.Blame{
		site(100, 0, "a.leaf", "a.mid", "main.main"),
		site(20, 0, "b.leaf", "a.mid", "main.main"),
		site(-30, 0, "c.leaf", "main.main"),
		site(0, 7, "d.start", "main.main"),
	}}
	type frame struct {
		Name        string
		Size, Delta int64
		Depth       int
	}
	flatten := func(root *htmlFrame) (all []frame) {
		var walk func(*htmlFrame, int)
		walk = func(f *htmlFrame, depth int) {
			all = append(all, frame{f.Name, f.Size, f.Delta, depth})
			for _, c := range f.Children {
				walk(c, depth+1)
			}
		}
		walk(root, 0)
		return all
	}
	graphs := newHTMLGraphs(v, 3, 100)
	if len(graphs) != 2 || graphs[0].Unit != "bytes" || graphs[1].Unit != "goroutines" || graphs[0].Variant != 3 {
		t.Fatalf("graphs: %+v", graphs)
	}
	if diff := cmp.Diff([]frame{
		{"all growth", 150, 90, 0}, {"main.main", 150, 90, 1},
		{"a.mid", 120, 120, 2}, {"a.leaf", 100, 100, 3}, {"b.leaf", 20, 20, 3}, {"c.leaf", 30, -30, 2},
	}, flatten(graphs[0].Root)); diff != "" {
		t.Errorf("bytes (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]frame{{"all growth", 7, 7, 0}, {"main.main", 7, 7, 1}, {"d.start", 7, 7, 2}}, flatten(graphs[1].Root)); diff != "" {
		t.Errorf("goroutines (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]frame{{"all growth", 150, 90, 0}, {"main.main", 150, 90, 1}, {"a.mid", 120, 120, 2}},
		flatten(newHTMLGraphs(v, 0, 3)[0].Root)); diff != "" {
		t.Errorf("three frames at most (-want +got)\n%s", diff)
	}
	if got := added(1<<53, 1<<62); got != 1<<53 {
		t.Errorf("a sum of %d, want what JavaScript counts exactly", got)
	}
}
