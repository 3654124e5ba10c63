package reports

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// ramp has a checkpoint at each of some numbers of requests, with a MiB of live
// heap for each request.
func ramp(requests ...int) []harness.Checkpoint {
	var all []harness.Checkpoint
	for _, r := range requests {
		all = append(all, harness.Checkpoint{Requests: r, LiveHeapBytes: int64(r) << 20})
	}
	return all
}

func TestChart(t *testing.T) {
	flooded := ramp(0, 24, 48, 9000)
	flooded[3].Round = harness.Flood
	idle := ramp(0, 24, 24, 48)
	idle[2].Round, idle[2].LiveHeapBytes = harness.Idle, 0
	r := harness.Record{Variants: []harness.Result{
		{Name: "clean", Checkpoints: ramp(0, 5, 48)},
		{Name: "flooded", Checkpoints: flooded},
		{Name: "idle", Checkpoints: idle},
		{Name: "short", Checkpoints: ramp(0, 20)},
		{Name: "single", Checkpoints: ramp(0)},
		{Name: "leaky", Checkpoints: ramp(0, 24), Verdict: harness.Verdict{Outcome: harness.Fail}},
	}}
	c := newChart(r)
	got := fmt.Sprintf("%d requests, %d hidden:", c.requests, c.hidden)
	for _, s := range c.series {
		got += fmt.Sprintf(" %s %v %v %v,", s.name, s.mib[0], s.mib[chartPoints/2], s.mib[chartPoints-1])
	}
	if diff := cmp.Diff("24 requests, 2 hidden: leaky 0 12 24, clean 0 12 24, flooded 0 12 24, idle 0 12 24,", got); diff != "" {
		t.Errorf("the chart (-want +got):\n%s", diff)
	}
	for range 10 {
		r.Variants = append(r.Variants, r.Variants[0])
	}
	if c := newChart(r); len(c.series) != maxSeries || c.hidden != 10 {
		t.Errorf("%d series, %d hidden, want %d and 10", len(c.series), c.hidden, maxSeries)
	}
	if c := newChart(harness.Record{Variants: []harness.Result{{Checkpoints: ramp(0, 0)}}}); c.series != nil {
		t.Errorf("a chart of no requests: %v", c)
	}
}
