package reports

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRenderers puts a text in every place of a record that others fill, and
// wants each format to be what it is without it.
func FuzzRenderers(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := hostile(t, text)
		o := goldenOptions
		o.Dir = text
		printable(t, text, render(t, Text, r, o))
		markdown := render(t, Markdown, r, o)
		if got := foreign(markdown); len(got) > 0 {
			t.Errorf("%q: foreign elements in the Markdown: %q", text, got)
		}
		if len(markdown) > maxMarkdownBytes {
			t.Errorf("%q: %d bytes of Markdown", text, len(markdown))
		}
		var suites junitSuites
		if err := xml.Unmarshal([]byte(render(t, JUnit, r, o)), &suites); err != nil || len(suites.Suites[0].Cases) != 6 {
			t.Errorf("%q: JUnit: %v, %d cases", text, err, len(suites.Suites[0].Cases))
		}
		document := render(t, SARIF, r, o)
		var report struct{ Runs []struct{ Results []any } }
		if err := json.Unmarshal([]byte(document), &report); err != nil || len(report.Runs[0].Results) != 1 {
			t.Errorf("%q: SARIF: %v, %d results", text, err, len(report.Runs[0].Results))
		}
		if got := readBench(t, render(t, Bench, r, o)); len(got) != 6*9 {
			t.Errorf("%q: %d benchmark lines", text, len(got))
		}
		record := render(t, JSON, r, o)
		if !json.Valid([]byte(record)) || !utf8.ValidString(record) || strings.ContainsAny(record, "\x1b<>") {
			t.Errorf("%q: the JSON is not inert", text)
		}
	})
}
