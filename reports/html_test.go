package reports

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leaklab/leaklab/harness"
)

// htmlOptions are what the report of a run is drawn with.
var htmlOptions = Options{Dir: "reports/out/fraud-check/20261124-081503"}

func TestHTMLAnswersFirst(t *testing.T) {
	for name, want := range map[string][]string{
		"run": {
			"<b>PASS</b> every variant is what the scenario expects", "leaky leaks <em>53.1\u00a0KiB</em> per request",
			"5 variants are clean: no leak above 0.8\u00a0B a request.", "<wbr>check.go:71<wbr>", "fraudcheck.(*Handler).check", "97\u00a0%",
			"fills 1\u00a0GiB in 3\u00a0min 17\u00a0s", "go tool pprof -diff_base reports/out/fraud-check/20261124-081503/profiles/leaky/000.pb.gz",
			"no leak above 0.6\u00a0B a request up to 320\u00a0requests", "leaklab run",
		},
		"failed":       {"<b>FAIL</b> ", "set leaks <em>53.1\u00a0KiB</em> per request"},
		"keys":         {"2 of 6 variants leak", "<b>336 B</b> per new key", "<b>53.1 KiB</b> per request"},
		"crashed":      {"leaky leaks", "panic: assignment to entry in nil map"},
		"inconclusive": {"<b>INCONCLUSIVE</b> ", "the live heap last grew at request 240", "raise load.segments.max"},
		"interrupted":  {"Not known yet whether 3 of 3 variants leak", "the run was interrupted"},
		"untrusted":    {"No verdict of this run can be trusted"},
		"suppressed":   {"LEAK, suppressed", `<a href="#notes">`, "the remedy is in review, ticket 7"},
	} {
		got := render(t, HTML, story(t, name), htmlOptions)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the report does not say %q", name, w)
			}
		}
	}
	clean := story(t, "run")
	clean.Variants = clean.Variants[1:]
	clean.Conclude()
	if got := render(t, HTML, clean, htmlOptions); !strings.Contains(got, "No leak found") || !strings.Contains(got, "All 5 variants are clean") {
		t.Error("a run without a leak does not say so")
	}
}

// TestHTMLFetchesNothing looks for what makes a browser fetch; that it fetches
// nothing is seen by the test in a browser.
func TestHTMLFetchesNothing(t *testing.T) {
	o := htmlOptions
	o.SourceURL = "https://example.com/blob/1"
	got := render(t, HTML, story(t, "run"), o)
	if !strings.Contains(got, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;`) {
		t.Error("no policy that forbids to fetch")
	}
	if !strings.Contains(got, `href="https://example.com/blob/1/leaky/fraudcheck/check.go#L71"`) {
		t.Error("no link to the line")
	}
	markup := regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAllString(got, "")
	for _, match := range regexp.MustCompile(`(?i)\b(src|srcset|action|data)\s*=\s*"[^"]*"|<link[^>]*>|@import`).FindAllString(markup, -1) {
		if match != `<link rel="icon" href="data:,">` {
			t.Errorf("%s may fetch", match)
		}
	}
}

// fill puts a text into every place of a record that a user or a target can fill:
// into those that only this report shows, too.
func fill(t testing.TB, text string) harness.Record {
	r := hostile(t, text)
	r.Spec.About = text
	r.Variants = r.Variants[:2] // the others have no more to show, and rendering takes its time
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Handler = text
		v.Verdict.Warnings = []harness.Warning{{Code: text, Text: text}}
		if i == 1 {
			v.Verdict.Outcome = harness.Fail
		}
		for k := range v.Checkpoints {
			v.Checkpoints[k].Round = harness.Round(text)
		}
		for k := range v.Blame {
			v.Blame[k].Stack = []harness.Frame{{Function: text, File: text}, {Function: "main." + text}}
		}
	}
	return r
}

// harmless is a text of the same shape without a character that means anything in
// HTML, CSS or JavaScript.
var harmless = strings.NewReplacer("<", "x", ">", "x", `"`, "x", "'", "x", "&", "x", "`", "x", `\`, "/")

// checkInert fails where a text of the record adds markup: then the report has
// more of the characters that markup is made of than with a harmless text.
func checkInert(t *testing.T, text string) {
	t.Helper()
	got := render(t, HTML, fill(t, strings.ReplaceAll(text, `\`, "/")), Options{Dir: text})
	want := render(t, HTML, fill(t, harmless.Replace(text)), Options{Dir: harmless.Replace(text)})
	data := dataOf(t, got)
	gotMarkup, wantMarkup := strings.Replace(got, data, "", 1), strings.Replace(want, dataOf(t, want), "", 1)
	for _, mark := range []string{"<", ">", `"`} {
		if a, b := strings.Count(gotMarkup, mark), strings.Count(wantMarkup, mark); a != b {
			t.Errorf("%q: %d times %s, want %d as with a harmless text", text, a, mark, b)
		}
	}
	if !utf8.ValidString(got) {
		t.Errorf("%q: not UTF-8", text)
	}
	for _, r := range "\x00\x1b\u202e\u2028\u2029" {
		if strings.ContainsRune(got, r) {
			t.Errorf("%q: %U in the report", text, r)
		}
	}
	if !json.Valid([]byte(data)) || strings.Contains(data, "<") {
		t.Errorf("%q: the data are not JSON, or may end their script", text)
	}
}

// dataOf is the data of the charts as they stand in a report.
func dataOf(t *testing.T, page string) string {
	t.Helper()
	_, after, _ := strings.Cut(page, `<script type="application/json" id="data">`)
	data, _, found := strings.Cut(after, "</script>")
	if !found {
		t.Fatal("no data in the report")
	}
	return data
}

// htmlTexts try to leave the place of the page that they are put into.
var htmlTexts = append([]string{
	"<script>window.hostile = 1</script>", "</script><script>window.hostile = 1</script>", "<!--<script>", "</style><b>", "</title>",
	`"><img src=x onerror=window.hostile=1>`, `" onmouseover="window.hostile=1`, "javascript:window.hostile=1", "{{.Data}}", "${window.hostile=1}", "a\u2028b",
}, hostileTexts...)

func TestHTMLHostileTexts(t *testing.T) {
	for _, text := range htmlTexts {
		checkInert(t, text)
	}
}

func FuzzHTML(f *testing.F) {
	for _, text := range htmlTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkInert(t, text) })
}

// crowded is a record with so many samples and sites, over its first variants.
func crowded(t testing.TB, variants, samples, sites int) harness.Record {
	r := story(t, "run")
	r.Variants = r.Variants[:variants]
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Timeline, v.Blame = nil, nil
		for k := range samples / variants {
			v.Timeline = append(v.Timeline, harness.Sample{
				AtSeconds: float64(k) / 4, LiveHeapBytes: int64(k) << 12, InUseBytes: int64(k%977) << 20, IdleBytes: int64(k%31) << 20,
				ReleasedBytes: int64(k % 7), StackBytes: int64(k % 11), Goroutines: int64(k % 13), RSSBytes: new(int64(k) << 13), CPUSeconds: new(float64(k) / 9),
			})
		}
		for k := range sites / variants {
			b := harness.Blame{Line: k, GrowthBytes: int64(sites - k), Share: 1 / float64(k+1), Fingerprint: fmt.Sprintf("%012x", k)}
			for depth := range 24 {
				b.Stack = append(b.Stack, harness.Frame{
					Function: fmt.Sprintf("example.com/module/package%d.(*Type).method%d", k>>depth, depth), File: fmt.Sprintf("/src/package%d/file.go", k>>depth), Line: depth,
				})
			}
			b.Function, b.File = b.Stack[0].Function, b.Stack[0].File
			v.Blame = append(v.Blame, b)
		}
	}
	return r
}

func TestHTMLFitsItsCap(t *testing.T) {
	if testing.Short() {
		t.Skip("draws a second long, and -short is set")
	}
	page := render(t, HTML, crowded(t, 5, 100_000, 10_000), htmlOptions)
	if len(page) > maxHTMLBytes {
		t.Errorf("%d bytes for many samples and sites, want at most %d", len(page), maxHTMLBytes)
	}
	for _, want := range []string{" of " + harness.FormatCount(20_000) + " samples are drawn", "1940 more sites are in the record only"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report does not say %q", want)
		}
	}

	absurd := fill(t, strings.Repeat("<\u00e9", 5000))
	absurd.Variants[0].Blame = crowded(t, 1, 0, 4000).Variants[0].Blame
	for range 5 {
		absurd.Variants = append(absurd.Variants, absurd.Variants...)
	}
	page = render(t, HTML, absurd, htmlOptions)
	if len(page) > maxHTMLBytes {
		t.Errorf("%d bytes, want at most %d", len(page), maxHTMLBytes)
	}
	if !strings.Contains(page, "more variants are in the record only") {
		t.Error("the report does not say that variants are left out")
	}
}

func BenchmarkHTML(b *testing.B) {
	r := crowded(b, 5, 100_000, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		var size counter
		if err := HTML(&size, r, htmlOptions); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size), "report-B")
	}
}

// counter counts the bytes that are written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
