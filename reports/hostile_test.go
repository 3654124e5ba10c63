package reports

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/leaklab/leaklab/harness"
)

// hostileTexts are what a user or a target may call things, to do harm where they
// are shown.
var hostileTexts = []string{
	"a|b", `a\|b`, "`a`", "```\n# a", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a\nb\r\x1b[31mc", "a\u202eb", "**a**_b_ ~~c~~",
	"@everyone", "#12", "- a", "1. a", "---", "# a", "> a", "[a](javascript:alert(1))", "![a](https://a.org/b.png)", "https://a.org", "www.a.org",
	"a@b.org", "&lt;b&gt;", "<!-- a", "--> a", "]]>", "<details>", "$a$", `"'&<>`, "{0} [a](1)", "Benchmark x 1 2 ns/op\nBenchmarkY", "goos: z",
	"a b\tc", "../../a", "-rf", "$(a)", "\xff\xfe", "\x00", "\ufffe", "", " ", strings.Repeat("<long>", 1000), strings.Repeat("ä", 5000),
}

// hostile is the golden record with a text in every place that a user or a
// target can fill.
func hostile(t testing.TB, text string) harness.Record {
	r := goldenRecord(t)
	r.ID, r.Scenario, r.Command = text, text, []string{text, "--request=" + text}
	r.Warnings[0].Text = text
	r.Spec.Suppressions = []harness.Suppression{{Fingerprint: harness.Fingerprint(text), Reason: text, Until: text}}
	r.Suppressions = []harness.SuppressionResult{{Fingerprint: harness.Fingerprint(text), State: harness.Matched}}
	r.Spec.Backends.Redis, r.Spec.Backends.SQL = text, text
	e := &r.Environment
	e.GoVersion, e.OS, e.Arch, e.GOGC, e.Revision, e.ModulePath, e.LeaklabVersion = text, text, text, text, text, text, text
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Name, v.Complexity, v.BestFor = text, text, text
		v.Death = &harness.Death{Cause: text, Evidence: text}
		v.Verdict.Class = harness.Class(text)
		v.Verdict.Reasons = []harness.Reason{{Text: text}, {Code: text, Unit: text}}
		v.Checkpoints[0].Profile = text
		for k := range v.Blame {
			b := &v.Blame[k]
			b.Function, b.File, b.Fingerprint = text, text, text
			for n := range b.Stack {
				b.Stack[n].Function, b.Stack[n].File = text, text
			}
		}
	}
	return r
}

func TestHostileTextIsOnlyText(t *testing.T) {
	for _, text := range hostileTexts {
		printable(t, text, render(t, Text, hostile(t, text), Options{Dir: text}))
	}
}

// printable wants lines of visible characters: nothing that steers a terminal.
func printable(t *testing.T, text, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("%.40q: not UTF-8", text)
	}
	for _, c := range got {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Fatalf("%.40q: %U in the text", text, c)
		}
	}
}

// TestHostileTextBreaksNoTable counts the bars of each table's rows.
func TestHostileTextBreaksNoTable(t *testing.T) {
	bars := regexp.MustCompile(`(^|[^\\])\|`)
	for _, text := range hostileTexts {
		columns := 0
		for line := range strings.Lines(render(t, Markdown, hostile(t, text), Options{Dir: text})) {
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			n := len(bars.FindAllString(line, -1))
			if columns > 0 && n != columns {
				t.Errorf("%.40q: %d bars in a table of %d: %s", text, n, columns, line)
			}
			columns = n
		}
	}
}
