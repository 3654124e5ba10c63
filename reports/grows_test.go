package reports

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// A leak beside which the heap shrank, or that is not on it, is not told by the
// heap's figures, which would contradict the verdict.
func TestGrows(t *testing.T) {
	objects := harness.Reason{Code: "objects", Measured: 2.058, Unit: "objects/request"}
	again := harness.Reason{Code: "replay", Measured: 1.54, Unit: "objects/request"}
	verdict := func(o harness.Outcome, c harness.Class, slope float64, growth int64, reasons ...harness.Reason) harness.Verdict {
		return harness.Verdict{Outcome: o, Class: c, SlopeBytesPerRequest: &slope, GrowthBytes: &growth, ProjectedGrowthBytes: new(4096.0), Reasons: reasons}
	}
	for name, test := range map[string]struct {
		verdict                 harness.Verdict
		grows, grown, projected string
	}{
		"heap":       {verdict(harness.Fail, harness.Leak, 2048, 1024, objects, again), "2 KiB", "1 KiB", "4 KiB"},
		"shrinks":    {verdict(harness.Fail, harness.Leak, -561, -3<<20, objects, again), "2.06 objects (sent again: 1.54 objects)", "–", "–"},
		"no replay":  {verdict(harness.Fail, harness.Leak, -561, -3<<20, objects), "2.06 objects", "–", "–"},
		"goroutines": {verdict(harness.Fail, harness.Goroutine, -9, 512, harness.Reason{Code: "goroutines", Measured: 1, Unit: "goroutines/request"}), "1 goroutine", "512 B", "–"},
		"in a flood": {verdict(harness.Fail, harness.Leak, 0, 0, harness.Reason{Code: "slope", Measured: 96, Unit: "bytes/request"}), "96 B", "–", "–"},
		"over time":  {verdict(harness.Fail, harness.Leak, -1, 9, harness.Reason{Code: "time", Measured: 96, Unit: "bytes/second"}), "–", "9 B", "–"},
		"off-heap":   {verdict(harness.Fail, harness.Footprint, 0.9, 1024, harness.Reason{Code: "off-heap", Measured: 16 << 10, Unit: "bytes/request"}), "16 KiB off-heap", "–", "–"},
		"let go of":  {verdict(harness.Pass, harness.Steady, -561, -1024), "-561 B", "-1 KiB", "4 KiB"},
		"too large":  {verdict(harness.Fail, harness.Plateau, -561, -1024), "-561 B", "-1 KiB", "4 KiB"},
	} {
		if got := grows(test.verdict); got != test.grows {
			t.Errorf("%s: grows %q, want %q", name, got, test.grows)
		}
		if got := grown(test.verdict); got != test.grown {
			t.Errorf("%s: grown %q, want %q", name, got, test.grown)
		}
		if got := projected(test.verdict); got != test.projected {
			t.Errorf("%s: projected %q, want %q", name, got, test.projected)
		}
	}
}

// No heap profile shows a mapping: an off-heap leak is checked otherwise.
func TestCheckOffHeap(t *testing.T) {
	v := harness.Result{Name: "v", Checkpoints: []harness.Checkpoint{{Profile: "0"}, {Profile: "1"}},
		Verdict: harness.Verdict{Outcome: harness.Fail, Class: harness.Footprint, SlopeBytesPerRequest: new(9.0), SlopeLow: new(8.0), SlopeHigh: new(10.0),
			Reasons: []harness.Reason{{Code: "off-heap", Measured: 16 << 10, Unit: "bytes/request", Text: "outside"}}}}
	said := strings.Join(newFinding(harness.Record{}, v, Options{}).lines(), "\n")
	card := newHTMLFinding(harness.Record{}, v, Options{}, limits{texts: 9})
	for _, step := range card.Steps {
		said += "\n" + step.Text + " " + step.Command
	}
	if n := strings.Count(said, "/proc/PID/smaps"); n != 2 || strings.Contains(said, "pprof") || strings.Count(said, "strace -f") != 2 {
		t.Errorf("said of an off-heap leak: %s", said)
	}
	if card.Amount != "16 KiB off-heap" || card.Interval != "" {
		t.Errorf("the card says %q within %q, want 16 KiB off-heap and no interval of the heap's slope", card.Amount, card.Interval)
	}
}
