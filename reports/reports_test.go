package reports

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leaklab/leaklab/harness"
)

func render(t *testing.T, f func(io.Writer, harness.Record, Options) error, r harness.Record, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextIsNarrow(t *testing.T) {
	const columns = 120
	for name := range stories {
		for line := range strings.Lines(render(t, Text, story(t, name), Options{})) {
			// A command is not broken: it is there to be copied.
			if n := utf8.RuneCountInString(line) - 1; n > columns && !strings.Contains(line, "go tool pprof") {
				t.Errorf("%s: %d columns, want at most %d: %s", name, n, columns, line)
			}
		}
	}
}

func TestColourSaysNothingThatWordsDoNot(t *testing.T) {
	for name := range stories {
		plain := render(t, Text, story(t, name), Options{})
		coloured := render(t, Text, story(t, name), Options{Color: true})
		if !strings.Contains(coloured, "\x1b[3") {
			t.Errorf("%s: no colour", name)
		}
		if got := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, ""); got != plain {
			t.Errorf("%s: without its colours the text differs:\n%s\nwant\n%s", name, got, plain)
		}
	}
}

func TestMarkdownFitsAComment(t *testing.T) {
	r := goldenRecord(t)
	long := strings.Repeat("<long>", 1000)
	for range 5 {
		r.Variants = append(r.Variants, r.Variants...)
	}
	for i := range r.Variants {
		r.Variants[i].Verdict.Reasons = []harness.Reason{{Text: long}, {Text: long}}
	}
	got := render(t, Markdown, r, Options{})
	if len(got) > maxMarkdownBytes || !utf8.ValidString(got) {
		t.Errorf("%d bytes, want at most %d of valid UTF-8", len(got), maxMarkdownBytes)
	}
	for _, want := range []string{"## PASS: fraud-check", "| leaky |", "sections are in the record only"} {
		if !strings.Contains(got, want) {
			t.Errorf("the Markdown does not say %q", want)
		}
	}
	if text := render(t, Text, r, Options{}); !strings.Contains(text, "92 more variants are in the record only") {
		t.Error("the text does not say that variants are left out")
	}
}

func TestEmptyRecord(t *testing.T) {
	for _, f := range []func(io.Writer, harness.Record, Options) error{Text, Markdown} {
		if got := render(t, f, harness.Record{Schema: harness.RecordSchema, Outcome: harness.Inconclusive}, Options{}); !strings.Contains(got, "INCONCLUSIVE") {
			t.Errorf("an empty record reads:\n%s", got)
		}
	}
}

func TestBecause(t *testing.T) {
	for want, change := range map[string]func(*harness.Record){
		"every variant is what the scenario expects": func(*harness.Record) {},
		"the run was interrupted":                    func(r *harness.Record) { r.Complete = false },
		"set crashed":                                func(r *harness.Record) { r.Variants[3].Death = &harness.Death{Cause: harness.Crashed} },
		"set failed most requests":                   func(r *harness.Record) { r.Variants[3].Load.Errors = 300 },
		"nothing was measured":                       func(r *harness.Record) { r.Variants = nil },
		"array is over its budget; set leaks":        func(r *harness.Record) { fail(r, 2, harness.Steady); fail(r, 3, harness.Leak) },
		"the run was interrupted; set leaks":         func(r *harness.Record) { r.Complete = false; fail(r, 3, harness.Goroutine) },
		"set reached its memory ceiling": func(r *harness.Record) {
			r.Variants[3].Verdict.Outcome = harness.Inconclusive
			r.Variants[3].Death = &harness.Death{Cause: harness.MemoryCeiling}
		},
	} {
		r := goldenRecord(t)
		change(&r)
		r.Conclude()
		if got := because(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func fail(r *harness.Record, variant int, c harness.Class) {
	r.Variants[variant].Verdict.Outcome, r.Variants[variant].Verdict.Class = harness.Fail, c
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriterErrors(t *testing.T) {
	for ext, draw := range renderers {
		if err := draw(fullDisk{}, goldenRecord(t), Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: error %v, want the writer's", ext, err)
		}
	}
	if err := JSON(fullDisk{}, goldenRecord(t), Options{}); !errors.Is(err, errFull) {
		t.Errorf("JSON: error %v, want the writer's", err)
	}
}

func TestLabel(t *testing.T) {
	verdict := func(o harness.Outcome, c harness.Class) harness.Verdict { return harness.Verdict{Outcome: o, Class: c} }
	for want, v := range map[string]harness.Result{
		"clean":                 {Verdict: verdict(harness.Pass, harness.Steady)},
		"clean, plateau":        {Verdict: verdict(harness.Pass, harness.Plateau)},
		"LEAK":                  {Verdict: verdict(harness.Fail, harness.Leak)},
		"GOROUTINE LEAK":        {Verdict: verdict(harness.Fail, harness.Goroutine)},
		"OFF-HEAP LEAK":         {Verdict: verdict(harness.Fail, harness.Footprint)},
		"OVER BUDGET":           {Verdict: verdict(harness.Fail, harness.Steady)},
		"LEAK, expected":        {Verdict: verdict(harness.Fail, harness.Leak), Expect: harness.ExpectLeak},
		"clean, LEAK EXPECTED":  {Verdict: verdict(harness.Pass, harness.Steady), Expect: harness.ExpectLeak},
		"inconclusive":          {Verdict: verdict(harness.Inconclusive, harness.Unsettled), Expect: harness.ExpectLeak},
		"LEAK, memory-ceiling":  {Verdict: verdict(harness.Fail, harness.Leak), Death: &harness.Death{Cause: harness.MemoryCeiling}},
		"inconclusive, crashed": {Verdict: verdict(harness.Inconclusive, harness.Unsettled), Death: &harness.Death{Cause: harness.Crashed}},
	} {
		if got := label(v); got != want {
			t.Errorf("%+v is %q, want %q", v, got, want)
		}
	}
}

func TestShortFunction(t *testing.T) {
	for name, want := range map[string]string{
		"":          unknown,
		"main.main": "main.main",
		"example.org/shop/fraud.(*Handler).check.func1": "fraud.(*Handler).check.func1",
		"example.org/shop/lru.(*Cache[a.org/b.K]).Put":  "lru.(*Cache[a.org/b.K]).Put",
	} {
		if got := shortFunction(name); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for seconds, want := range map[float64]string{
		1.9: "1.9 s", 59.9: "59.9 s", 190: "3 min 10 s", 7500: "2 h 5 min", 1e6: "11.6 days",
	} {
		if got := span(seconds); got != want {
			t.Errorf("%v seconds are %q, want %q", seconds, got, want)
		}
	}
}
