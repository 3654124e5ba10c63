package reports

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
)

// loadedElsewhere makes a record one of services that others had loaded.
func loadedElsewhere(r *harness.Record) {
	r.Spec.Load = harness.Load{Rate: harness.MaxRate, Connections: 1}
	r.Spec.Budget = harness.Budget{Slope: 16, Goroutines: 0.001}
	r.Command, r.Spec.About, r.Warnings, r.Variants = []string{}, "", nil, r.Variants[:3]
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Axis, v.Load, v.Answers = "KiB allocated", harness.LoadResult{}, harness.Answers{}
		v.Complexity, v.BestFor, v.Verdict.Driver, v.Verdict.Parts = "", "", "", nil
		for k := range v.Timeline {
			v.Timeline[k].RatePerSecond, v.Timeline[k].LatencyP99Seconds = nil, nil
		}
		for k := range v.Verdict.Reasons {
			v.Verdict.Reasons[k].Text = "it grows by so much per KiB allocated"
		}
	}
	r.Variants[1].Verdict = harness.Verdict{Outcome: harness.Inconclusive, Class: harness.Unsettled}
}

func TestLoadFromElsewhere(t *testing.T) {
	r := story(t, "elsewhere")
	requests := regexp.MustCompile(`(?i)a request|per request|\brequests\b|connections`)
	for ext, render := range map[string]func(io.Writer, harness.Record, Options) error{
		".txt": Text, ".md": Markdown, ".junit.xml": JUnit, ".bench": Bench, ".sarif": SARIF, ".html": HTML,
	} {
		var b bytes.Buffer
		if err := render(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		switch ext {
		case ".sarif": // its rules are the same in every run
			_, text, _ = strings.Cut(text, `"results"`)
			text, _, _ = strings.Cut(text, `"tool"`)
		case ".html": // so are its scripts
			text, _, _ = strings.Cut(text, "<footer>")
		}
		if !strings.Contains(text, "KiB allocated") {
			t.Errorf("%s does not say what growth is paid per:\n%s", ext, text)
		}
		for _, line := range strings.Split(text, "\n") {
			if found := requests.FindString(line); found != "" {
				t.Errorf("%s speaks of %q, which nobody sent: %s", ext, found, line)
			}
		}
	}
}

func TestCompareLoadFromElsewhere(t *testing.T) {
	c := comparisons(t)["compare-elsewhere"]
	for _, render := range []func(io.Writer, compare.Comparison, Options) error{CompareText, CompareMarkdown} {
		var b bytes.Buffer
		if err := render(&b, c, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"grows per KiB allocated", "growth per KiB allocated: "} {
			if text := b.String(); !strings.Contains(text, want) || strings.Contains(text, "a request") {
				t.Errorf("want %q, and nothing of requests:\n%s", want, text)
			}
		}
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
