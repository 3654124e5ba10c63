package reports

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
)

// compareRuns sets a story against the golden run, by force where that needs it.
func compareRuns(t *testing.T, base, head harness.Record) compare.Comparison {
	t.Helper()
	base.ID = "20261123-220000"
	c, err := compare.Compare(base, head, compare.Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// comparisons are stories set against the golden run, by the name of their files.
func comparisons(t *testing.T) map[string]compare.Comparison {
	t.Helper()
	grown := goldenRecord(t)
	v := &grown.Variants[0]
	v.Verdict.SlopeBytesPerRequest, v.Verdict.SlopeLow, v.Verdict.SlopeHigh = new(99000.0), new(98900.0), new(99100.0)
	v.Blame[0].Line += 12
	grown.Environment.GoVersion = "go1.27.0"
	grown.Conclude()
	elsewhere, grownElsewhere := story(t, "elsewhere"), story(t, "elsewhere")
	grownElsewhere.Variants[0].Verdict = grown.Variants[0].Verdict
	grownElsewhere.Conclude()
	one := goldenRecord(t)
	branch, main, o, err := compare.Split(one, map[string]string{"bloom": "set"})
	if err != nil {
		t.Fatal(err)
	}
	twins, err := compare.Compare(branch, main, o)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]compare.Comparison{
		"compare-twins":     twins,
		"compare-same":      compareRuns(t, story(t, "run"), story(t, "run")),
		"compare-new":       compareRuns(t, story(t, "run"), story(t, "failed")),
		"compare-fixed":     compareRuns(t, story(t, "failed"), story(t, "run")),
		"compare-worse":     compareRuns(t, story(t, "run"), grown),
		"compare-elsewhere": compareRuns(t, elsewhere, grownElsewhere),
		"compare-undecided": compareRuns(t, story(t, "run"), story(t, "inconclusive")),
		"compare-forced":    compareRuns(t, story(t, "run"), story(t, "interrupted")),
	}
}

func TestCompareGolden(t *testing.T) {
	for name, c := range comparisons(t) {
		for ext, render := range map[string]func(io.Writer, compare.Comparison, Options) error{".txt": CompareText, ".md": CompareMarkdown} {
			var got bytes.Buffer
			if err := render(&got, c, goldenOptions); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+ext)
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", file, diff)
			}
		}
	}
}

// TestCompareMarker holds both reports to one first line, so that a comment that
// has either is found again.
func TestCompareMarker(t *testing.T) {
	firstLine := func(report string) string { line, _, _ := strings.Cut(report, "\n"); return line }
	r := story(t, "run")
	var b bytes.Buffer
	if err := CompareMarkdown(&b, compareRuns(t, r, r), Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := firstLine(b.String()), firstLine(render(t, Markdown, r, Options{})); got != want {
		t.Errorf("the comparison begins %q, the report %q", got, want)
	}
}

func TestCompareHostile(t *testing.T) {
	for _, text := range []string{"a|b", "<script>alert(1)</script>", "a\nb\r\x1b[31mc", "a\u202eb", "@everyone", "`a`", "\xff", strings.Repeat("x", 1<<16)} {
		head := hostile(t, text)
		for i := range head.Variants {
			head.Variants[i].Name = text + strings.Repeat("x", i)
		}
		base := hostile(t, "other")
		head.ID = text
		c := compareRuns(t, base, head)
		var plain, md bytes.Buffer
		if err := CompareText(&plain, c, Options{}); err != nil {
			t.Fatal(err)
		}
		if err := CompareMarkdown(&md, c, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, r := range plain.String() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%.20q: %U in the text", text, r)
			}
		}
		for _, raw := range []string{"<script", "@everyone", "`a`", "\x1b"} {
			if strings.Contains(md.String(), raw) {
				t.Errorf("%.20q: %q in the Markdown", text, raw)
			}
		}
		if md.Len() > maxMarkdownBytes || !utf8.Valid(md.Bytes()) {
			t.Errorf("%.20q: %d bytes of Markdown, valid %v", text, md.Len(), utf8.Valid(md.Bytes()))
		}
	}
}
