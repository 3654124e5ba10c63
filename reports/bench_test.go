package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/perf/benchfmt"

	"github.com/leaklab/leaklab/harness"
)

// readBench reads lines as benchstat does.
func readBench(t testing.TB, lines string) []*benchfmt.Result {
	t.Helper()
	var all []*benchfmt.Result
	reader := benchfmt.NewReader(strings.NewReader(lines), "bench")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.Result:
			all = append(all, record.Clone())
		default:
			t.Errorf("a line is no result: %v", record)
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// benchLine is a result as a test compares it.
func benchLine(r *benchfmt.Result) string {
	line := fmt.Sprintf("%s %d", r.Name, r.Iters)
	for _, v := range r.Values {
		value, unit := v.Value, v.Unit
		if v.OrigUnit != "" {
			value, unit = v.OrigValue, v.OrigUnit
		}
		line += fmt.Sprintf(" %v %s", value, unit)
	}
	return line
}

func TestBench(t *testing.T) {
	r := goldenRecord(t)
	r.Variants = r.Variants[:1]
	v := &r.Variants[0]
	v.Checkpoints = v.Checkpoints[:5]
	v.Checkpoints[2].Round = harness.Replay
	v.Checkpoints[3].Goroutines += 40
	v.Checkpoints[4].Requests = v.Checkpoints[3].Requests // an empty segment
	got := readBench(t, render(t, Bench, r, Options{}))
	var lines []string
	for _, g := range got {
		lines = append(lines, benchLine(g))
	}
	if diff := cmp.Diff([]string{
		"FraudCheck/variant=leaky-2 40 54374.4 retained-B/op 1016 retained-objects/op 0 retained-goroutines/op",
		"FraudCheck/variant=leaky-2 40 54374.4 retained-B/op 1016 retained-objects/op 1 retained-goroutines/op",
		"FraudCheck/variant=leaky-2 320 54374.4 slope-B/op 98304 alloc-B/op 410000 cpu-ns/op 900000 p50-ns 3.2e+06 p99-ns",
	}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for key, want := range map[string]string{"goos": "linux", "goarch": "amd64", "pkg": "github.com/leaklab/leaklab", "rate": "100/s", "connections": "100"} {
		if value := got[0].GetConfig(key); value != want {
			t.Errorf("%s: %q, want %q", key, value, want)
		}
	}
}

// TestBenchNames wants a line of each variant to be one, whatever it is called.
func TestBenchNames(t *testing.T) {
	for _, text := range hostileTexts {
		r := hostile(t, text)
		got := readBench(t, render(t, Bench, r, Options{}))
		if want := 6 * 9; len(got) != want {
			t.Errorf("%.40q: %d lines, want %d", text, len(got), want)
		}
		for _, line := range got {
			if name := string(line.Name); !strings.Contains(name, "/variant=") || !strings.HasSuffix(name, "-2") {
				t.Errorf("%.40q: the name is %q", text, name)
			}
		}
	}
	for scenario, want := range map[string]string{
		"fraud-check": "FraudCheck/variant=v-1", "attach": "Attach/variant=v-1", "": "Scenario/variant=v-1", "a b/c": "ABC/variant=v-1",
	} {
		if got := string(benchName(harness.Record{Scenario: scenario}, harness.Result{Name: "v"})); got != want {
			t.Errorf("%q is %q, want %q", scenario, got, want)
		}
	}
}
