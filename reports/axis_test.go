package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestLoadFromElsewhere(t *testing.T) {
	r := harness.Record{
		Schema: harness.RecordSchema, Scenario: "attach", Outcome: harness.Pass, Complete: true,
		Spec: harness.Scenario{Load: harness.Load{Rate: harness.MaxRate, Connections: 1}},
		Variants: []harness.Result{{
			Name: "attached", Axis: "KiB allocated", AsExpected: true,
			Verdict: harness.Verdict{Outcome: harness.Pass, Class: harness.Steady, SlopeHigh: new(0.2), SlopeBytesPerRequest: new(0.1),
				Reasons: []harness.Reason{{Code: "clean", Measured: 0.2, Text: "no growth above 0.2 B per KiB allocated up to 900 KiB allocated"}}},
			Checkpoints: []harness.Checkpoint{{}, {Requests: 900}},
		}},
	}
	var b bytes.Buffer
	if err := Text(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"load from elsewhere", "grows per KiB allocated", "no growth above 0.2 B per KiB allocated up to 900 KiB allocated"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "connections") || strings.Contains(text, "requests") {
		t.Errorf("the report speaks of requests that nobody sent:\n%s", text)
	}
}

func TestFootprintHasNoHeap(t *testing.T) {
	r := harness.Record{Variants: []harness.Result{{Name: "attached", Gauge: harness.GaugeFootprint, Checkpoints: []harness.Checkpoint{{RSSBytes: new(int64(5 << 20))}}}}}
	var b bytes.Buffer
	if err := Text(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "0 B") || !strings.Contains(text, "5 MiB") {
		t.Errorf("want the footprint, and no live heap:\n%s", text)
	}
}
