package sweep

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leaklab/leaklab/harness"
)

// grid is a sweep of two axes whose CPU time is the product of a variant's factor
// and n; what was skipped has no figures.
func grid(t *testing.T) Sweep {
	t.Helper()
	axes := []Axis{{"n", []string{"100", "10", "1000"}}, {"mode", []string{"x", "y"}}}
	points, err := Grid(axes, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range points {
		p := &points[i]
		n, _ := Number(p.Value("n"))
		if p.Variant == "b" && n == 1000 {
			p.State = Skipped
			continue
		}
		p.State = Done
		p.Figures = &Figures{CPUSecondsPerRequest: new(n * map[string]float64{"a": 1, "b": 10}[p.Variant])}
	}
	return Sweep{Axes: axes, Points: points}
}

func TestSlicesFollowAnAxisOfNumbers(t *testing.T) {
	slices := Slices(grid(t))
	if len(slices) != 2 {
		t.Fatalf("%d slices, want one for each mode", len(slices))
	}
	if diff := cmp.Diff([]Setting{{"mode", "y"}}, slices[1].Held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{10, 100, 1000}, slices[1].At); diff != "" {
		t.Errorf("the axis (-want +got):\n%s", diff)
	}
	cpu := Metrics[5]
	want := []Curve{{"a", []float64{10, 100, 1000}}, {"b", []float64{100, 1000, nan}}}
	if diff := cmp.Diff(want, slices[1].Curves(cpu, 0), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("curves of %s (-want +got):\n%s", cpu.Name, diff)
	}
	unsure := slices[1].points[place{"a", 1}]
	unsure.Figures.Verdict = harness.Inconclusive
	want[0].Values[1] = nan
	if diff := cmp.Diff(want, slices[1].Curves(cpu, 0), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("curves with a point that is inconclusive (-want +got):\n%s", diff)
	}
	if got := slices[1].Curves(Metrics[0], 0); got != nil {
		t.Errorf("curves of %s: %v, want none: it was not measured", Metrics[0].Name, got)
	}
}

func TestSecondsLeft(t *testing.T) {
	points := []Point{
		{Variant: "a", State: Done, Seconds: 10}, {Variant: "b", State: Done, Seconds: 2}, {Variant: "a", State: Done, Seconds: 12},
		{Variant: "b", State: ToDo}, {Variant: "a", State: Skipped}, {Variant: "a", State: ToDo}, {Variant: "c", State: ToDo},
	}
	if got, ok := SecondsLeft(points); !ok || got != 2+12+8 {
		t.Errorf("%v s left, %v, want 22: b takes 2, a 12, c the mean of 8", got, ok)
	}
	if _, ok := SecondsLeft(points[3:]); ok {
		t.Error("an estimate from nothing")
	}
}

func TestFastestIsWithinTheBound(t *testing.T) {
	steps := []Step{
		{Connections: 1, RatePerSecond: 100, LatencyP99Seconds: 0.005},
		{Connections: 2, RatePerSecond: 180, LatencyP99Seconds: 0.010},
		{Connections: 4, RatePerSecond: 200, LatencyP99Seconds: 0.030},
		{Connections: 8, RatePerSecond: 900, LatencyP99Seconds: 0.001, Errors: 1},
	}
	for bound, want := range map[float64]int{0: 4, 0.01: 2, 0.009: 1, 0.001: 0} {
		if got, ok := Fastest(steps, bound); got.Connections != want || ok != (want > 0) {
			t.Errorf("within %v s: %d connections, %v, want %d", bound, got.Connections, ok, want)
		}
	}
}

func TestFigures(t *testing.T) {
	at := func(round harness.Round, heap, rss int64) harness.Checkpoint {
		return harness.Checkpoint{Round: round, LiveHeapBytes: heap, RSSBytes: &rss}
	}
	record := harness.Record{Variants: []harness.Result{{
		Checkpoints: []harness.Checkpoint{at(harness.Fresh, 10, 100), at(harness.Replay, 20, 110), at(harness.Flood, 90, 900)},
		Timeline:    []harness.Sample{{RSSBytes: new(int64(950))}, {}},
		Load:        harness.LoadResult{Requests: 5, RatePerSecond: 7},
		Answers:     harness.Answers{FalsePositives: 1, Negatives: 4, Wrong: 2},
		Death:       &harness.Death{Cause: harness.MemoryCeiling},
	}}}
	got := Of(record)
	want := &Figures{
		LiveHeapBytes: new(20.0), RSSBytes: new(110.0), PeakRSSBytes: new(950.0), RatePerSecond: new(7.0),
		FalsePositiveShare: new(0.25), Wrong: 2, Death: harness.MemoryCeiling,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if Of(harness.Record{}) != nil {
		t.Error("figures of nothing")
	}
}
