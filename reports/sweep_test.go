package reports

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/sweep"
)

// sweptSet is a set whose CPU time is constant beside an array that is cheaper at
// ten users and skipped at ten thousand.
func sweptSet(t testing.TB) sweep.Sweep {
	t.Helper()
	axes := []sweep.Axis{{Key: "data.users", Values: []string{"10", "1000", "10000"}}}
	points, err := sweep.Grid(axes, []string{"array", "set", "leaky"})
	if err != nil {
		t.Fatal(err)
	}
	cpu := map[string]map[string]float64{
		"array": {"10": 1e-4, "1000": 1e-2}, "set": {"10": 1e-3, "1000": 1e-3, "10000": 1e-3}, "leaky": {"10": 2e-2, "1000": 2e-2, "10000": 2e-2},
	}
	for i := range points {
		p := &points[i]
		seconds, ok := cpu[p.Variant][p.Value("data.users")]
		if !ok {
			p.State, p.Skipped = sweep.Skipped, "too big"
			continue
		}
		p.State, p.Seconds = sweep.Done, 1
		p.Figures = &sweep.Figures{
			Verdict: harness.Pass, Class: harness.Steady, Expect: harness.ExpectClean, CPUSecondsPerRequest: &seconds, LiveHeapBytes: new(2048.0),
			RetainedBytesPerRequest: new(-0.1), RetainedHigh: new(0.4), FalsePositiveShare: new(0.0),
		}
		p.Steps = []sweep.Step{{Connections: 1, RatePerSecond: 1 / seconds, LatencyP99Seconds: seconds}, {Connections: 2, RatePerSecond: 1.5 / seconds, LatencyP99Seconds: 0.5}}
		if p.Variant == "leaky" {
			p.Figures.Verdict, p.Figures.Class, p.Figures.Expect = harness.Fail, harness.Leak, harness.ExpectLeak
			p.Figures.RetainedBytesPerRequest, p.Figures.Death, p.Steps = new(4096.0), harness.MemoryCeiling, nil
		}
	}
	return sweep.Sweep{
		Schema: sweep.Schema, Scenario: "check", About: "a `check`", Complete: true, Axes: axes, Points: points,
		StartedAt: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), Load: harness.DefaultLoad(), LatencySeconds: 0.02,
		Command: []string{"leaklab", "sweep", "check"},
	}
}

func TestSweepTextSaysWhatMatters(t *testing.T) {
	var b strings.Builder
	if err := SweepText(&b, sweptSet(t), SweepOptions{Dir: "out"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"check · data.users = 10, 1 000, 10 000 · 100 requests/s over 100 connections · each variant alone\n",
		"\ndata.users = 10 000\n", "req/s ≤ 20 ms",
		"leaky    LEAK, memory-ceiling, expected  2 KiB      –    –         4 KiB     –      20",
		"set      clean                           2 KiB      –    –         ≤ 0.4 B   –      1       –           1 000          1 500 (500 ms)",
		"CPU a request: array beats set below data.users = 100, set beats array above (between 10 and 1 000)\n",
		"CPU a request: array keeps up with the best below data.users = 150 (between 10 and 1 000); set is 10 times better at 1 000\n",
		"CPU a request: set is behind from the smallest value on; array is 10 times better at 10\n",
		"array, data.users = 10 000: too big\n",
		"8 of 9 points measured, 1 skipped · out\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, b.String())
		}
	}
}

func TestSweepThatWasInterrupted(t *testing.T) {
	s := sweptSet(t)
	s.Complete, s.Points[8].State, s.Points[8].Figures = false, sweep.ToDo, nil
	var b strings.Builder
	if err := SweepText(&b, s, SweepOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INTERRUPTED: 7 of 9 points measured, 1 skipped\n", "leaky    to-do"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, b.String())
		}
	}
}

func TestSweepMarkdown(t *testing.T) {
	var b strings.Builder
	if err := SweepMarkdown(&b, sweptSet(t), SweepOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Trade-offs of check\n", "a \\`check\\`\n",
		"## Where the order turns over\n\n- CPU a request: array beats set below data.users = 100",
		"| array | clean | 2 KiB |", "## Not run\n\n- array, data.users = 10 000: too big\n",
		"### CPU a request by data.users\n", "x-axis \"log10 of the value\" 1.000 --> 3.000\n", "y-axis \"log10 of seconds\" -4.100 --> -1.599\n",
		"  line [-4.000, -3.917,", "🟥 array · 🟦 set · 🟩 leaky\n",
		"- started: 2026-11-24 08:00:00 UTC\n", "- command: leaklab sweep check\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
		t.Errorf("a figure that is no number:\n%s", b.String())
	}
}

func TestSweepOfNothingHasNoCharts(t *testing.T) {
	s := sweptSet(t)
	for i := range s.Points {
		s.Points[i] = sweep.Point{Settings: s.Points[i].Settings, Variant: s.Points[i].Variant, State: sweep.ToDo}
	}
	var b strings.Builder
	if err := SweepMarkdown(&b, s, SweepOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "mermaid") {
		t.Errorf("charts of nothing:\n%s", b.String())
	}
}

func TestSweepInABrowser(t *testing.T) {
	b := newBrowser(t)
	s := sweptSet(t)
	b.show(t, func(w io.Writer) error { return SweepHTML(w, s, SweepOptions{}) })
	b.eventually(t, `document.querySelectorAll("[data-chart] canvas").length === 4`) // live heap, retained, CPU, rate within the bound
	b.eventually(t, `document.querySelectorAll("#legend span").length === 3`)
	b.eventually(t, `document.querySelectorAll("#tables table").length === 3`)
	b.do(t, chromedp.Click(chromedp.CSS("#theme")))
	b.eventually(t, `document.querySelectorAll("[data-chart] canvas").length === 4`)
}

// What is written follows the schema, and is read as what it was.
func TestSweepFollowsTheSchema(t *testing.T) {
	schema := compiled(t, sweepSchema)
	s := sweptSet(t)
	s.Points[0].State, s.Points[0].Figures, s.Points[0].Steps, s.Complete = sweep.ToDo, nil, []sweep.Step{}, false
	var b bytes.Buffer
	if err := SweepJSON(&b, s, SweepOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := validate(schema, b.Bytes()); err != nil {
		t.Error(err)
	}
	got, err := sweep.Decode(b.Bytes())
	if diff := cmp.Diff(s, got); diff != "" || err != nil {
		t.Errorf("error %v, -written +read:\n%s", err, diff)
	}
	for what, change := range map[string][2]string{
		"another version":                 {"leaklab/sweep/v1", "leaklab/sweep/v0"},
		"another state":                   {`"state": "to-do"`, `"state": "later"`},
		"a text for bytes":                {`"live_heap_bytes": 2048`, `"live_heap_bytes": "2 KiB"`},
		"a missing name":                  {`"name": "data.users=10/set",`, ``},
		"a null list":                     {`"values": [`, `"values": null, "x": [`},
		"an environment that is no run's": {`"cpus": 0`, `"cpus": "two"`},
		"a load without a rate":           {`"rate": "100/s",`, ``},
	} {
		changed := bytes.Replace(b.Bytes(), []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(changed, b.Bytes()) {
			t.Errorf("%s: the sweep has no %s", what, change[0])
		}
		if validate(schema, changed) == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// FuzzSweep draws whatever is read as a sweep: in each format text and nothing else.
func FuzzSweep(f *testing.F) {
	f.Add([]byte(`{"schema":"leaklab/sweep/v1","scenario":"x"}`))
	f.Add([]byte(`{"schema":"leaklab/sweep/v1","scenario":"x","latency_seconds":1e308,"axes":[{"key":"a","values":["1","1.0","x"]}],
"points":[{"variant":"\u001b","state":"done","settings":[{"key":"a","value":"9"}],"figures":{"verdict":"pass","rss_bytes":1e308}}]}`))
	var b bytes.Buffer
	if err := SweepJSON(&b, sweptSet(f), SweepOptions{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := sweep.Decode(data)
		if err != nil {
			return
		}
		for _, draw := range []func(io.Writer, sweep.Sweep, SweepOptions) error{SweepText, SweepMarkdown, SweepHTML, SweepJSON} {
			var b strings.Builder
			if err := draw(&b, s, SweepOptions{}); err != nil || strings.Contains(b.String(), "\x1b") {
				t.Errorf("%q: error %v, drawn as %q", data, err, b.String())
			}
		}
	})
}

// A sweep.json may come from anywhere: its texts are nothing but text.
func TestSweepOfHostileTexts(t *testing.T) {
	const hostile = "<script>alert(1)</script>\x1b[31m"
	s := sweptSet(t)
	s.Scenario, s.About, s.Axes[0].Key = hostile, hostile, hostile
	for i := range s.Points {
		s.Points[i].Variant += hostile
		s.Points[i].Settings = []sweep.Setting{{Key: hostile, Value: s.Points[i].Settings[0].Value}}
	}
	s.Points[6].Skipped = hostile
	for name, draw := range map[string]func(io.Writer, sweep.Sweep, SweepOptions) error{"markdown": SweepMarkdown, "html": SweepHTML} {
		var b strings.Builder
		if err := draw(&b, s, SweepOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script>alert", "\x1b"} {
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	var b strings.Builder
	if err := SweepText(&b, s, SweepOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("the text holds a sequence that a terminal obeys")
	}
}
