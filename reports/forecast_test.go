package reports

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// A pod of 1 GiB holds the stacks of goroutines as well as the heap, and a slope
// per request says nothing of growth that each connection pays for.
func TestForecast(t *testing.T) {
	var r harness.Record
	r.Spec.Load.Rate = 1024
	verdict := func(c harness.Class, d harness.Driver, bytes, goroutines float64) harness.Verdict {
		return harness.Verdict{Outcome: harness.Fail, Class: c, Driver: d, SlopeBytesPerRequest: &bytes, GoroutinesPerRequest: &goroutines}
	}
	within := func(v harness.Verdict, low, high float64) harness.Verdict {
		v.SlopeLow, v.SlopeHigh = &low, &high
		return v
	}
	outside := within(verdict(harness.Footprint, harness.PerRequest, 0.9, 0), -5, 6)
	outside.Reasons = []harness.Reason{{Code: "off-heap", Measured: 16 << 10, Unit: "bytes/request"}}
	unread := harness.Verdict{Outcome: harness.Fail, Class: harness.Footprint, Reasons: outside.Reasons}
	// What stays first is taken from what the runtime had at hand.
	stay := []harness.Checkpoint{{}, {Goroutines: 10}, {Goroutines: 1000, LiveHeapBytes: 1024 * 1000, StackBytes: 1000 << 10}}
	deep := []harness.Checkpoint{{}, {Goroutines: 1000, StackBytes: 1000 * 8192}}
	for name, test := range map[string]struct {
		verdict     harness.Verdict
		checkpoints []harness.Checkpoint
		want        string
	}{
		"heap":            {verdict(harness.Leak, harness.PerKey, 1024, 0), nil, "at 1 024 requests/s it fills 1 GiB in 17 min 4 s"},
		"its interval":    {within(verdict(harness.Leak, harness.PerKey, 1024, 0), 512, 2048), nil, "at 1 024 requests/s it fills 1 GiB in 17 min 4 s, between 8 min 32 s and 34 min 8 s"},
		"perhaps nothing": {within(verdict(harness.Leak, harness.PerKey, 1024, 0), -1, 2048), nil, "at 1 024 requests/s it fills 1 GiB in 17 min 4 s, between 8 min 32 s and never"},
		"outside its own": {within(verdict(harness.Leak, harness.PerKey, 1024, 0), 2048, 512), nil, "at 1 024 requests/s it fills 1 GiB in 17 min 4 s"},
		"off-heap":        {outside, nil, "at 1 024 requests/s it fills 1 GiB in 1 min 4 s"},
		"no heap read":    {unread, nil, "at 1 024 requests/s it fills 1 GiB in 1 min 4 s"},
		"a connection":    {verdict(harness.Leak, harness.PerConnection, 1024, 0), nil, ""},
		"no growth":       {verdict(harness.Leak, harness.PerRequest, 0, 0), nil, ""},
		"goroutines":      {verdict(harness.Goroutine, harness.PerRequest, 3, 0.5), stay, "at 1 024 requests/s it fills 1 GiB in 11 min 23 s"},
		"theirs within":   {within(verdict(harness.Goroutine, harness.PerRequest, 0, 0.5), -9, 4096), deep, "at 1 024 requests/s it fills 1 GiB in 4 min 16 s, between 2 min 8 s and 4 min 16 s"},
		"deep stacks":     {verdict(harness.Goroutine, harness.PerRequest, 0, 0.5), deep, "at 1 024 requests/s it fills 1 GiB in 4 min 16 s"},
		"their noise":     {verdict(harness.Leak, harness.PerRequest, 1024, 0.5), stay, "at 1 024 requests/s it fills 1 GiB in 17 min 4 s"},
		"before any rose": {verdict(harness.Goroutine, harness.PerRequest, 0, 0.5), stay[:1], "at 1 024 requests/s it fills 1 GiB in 17 min 4 s"},
	} {
		if got := forecast(r, harness.Result{Verdict: test.verdict, Checkpoints: test.checkpoints}); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
