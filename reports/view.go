// Package reports says what a run meant, one renderer a file over one view of the
// record: text for a terminal, HTML for a browser, Markdown for a pull request,
// and for machines JUnit XML, SARIF, Go benchmark lines and JSON.
//
// It refuses to judge, to read a clock or a file, and to write anywhere but to
// the writer it is given; every figure is the record's. It is the last stop of
// the flow.
package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// Options is how a report is rendered. The zero value is plain, with profiles
// named relative to the run's directory.
type Options struct {
	// Color adds colours for a terminal to what the words say already.
	Color bool
	// Dir is the run's directory as the reader can use it; the commands and the
	// last line name it.
	Dir string
	// SourceURL shows the repository's files at the revision that ran, such as
	// "https://github.com/leaklab/leaklab/blob/29249d3": below it are the links to
	// lines. Empty is no links.
	SourceURL string
	// Subdir is the directory of the tested module within its repository, with
	// slashes; empty where it is the repository itself.
	Subdir string
}

// tone is what a colour may say, in addition to words.
type tone int

const (
	plain  tone = iota
	good        // as expected
	bad         // not as expected
	unsure      // inconclusive
)

// view is a record as every renderer shows it: words and formatted figures, safe
// for a terminal, not yet escaped for a format.
type view struct {
	head     []string // what was run, a part each
	budget   []string // what was allowed, a part each; empty without one
	verdicts grid
	findings []finding
	sites    grid
	tradeoff grid
	memoryOf string // the load that the memory in it is of; empty where that is all
	chart    chart
	notes    []note
	verdict  string // PASS, FAIL, INCONCLUSIVE or NOT MEASURED
	tone     tone
	because  string
	seconds  string
	dir      string
	facts    [][2]string // the environment
}

// finding is what is said of one variant beside its row.
type finding struct {
	name, label  string
	tone         tone
	accused      bool     // the verdict is fail
	reasons      []string // sentences
	sites        []site   // where what grew is allocated, the most first
	fingerprints []string // of a leak's sites, where it may be suppressed
	forecast     string   // when it fills a pod; empty if it does not grow
	check        string   // the command that shows it without leaklab; empty without two profiles
	repeat       string   // the command that runs it again
}

// maxVariants bounds the rows of a report, as a record may be of any size.
const maxVariants = 100

func newView(r harness.Record, o Options) view {
	why := because(r) // of all variants, shown or not
	if hidden := len(r.Variants) - maxVariants; hidden > 0 {
		r.Warnings = append(r.Warnings[:len(r.Warnings):len(r.Warnings)],
			harness.Warning{Text: fmt.Sprintf("%d more variants are in the record only", hidden)})
		r.Variants = r.Variants[:maxVariants]
	}
	v := view{
		head:    head(r),
		budget:  budget(r.Spec.Budget, axisOf(r)),
		verdict: strings.ToUpper(safe(string(r.Outcome))),
		tone:    unsure,
		because: why,
		seconds: unknown,
		dir:     safe(o.Dir),
		facts:   facts(r),
		notes:   notes(r),
	}
	switch r.Outcome {
	case harness.Pass:
		v.tone = good
	case harness.Fail:
		v.tone = bad
	case harness.Inconclusive:
		if r.ExitCode() == harness.ExitNotRun {
			v.verdict = "NOT MEASURED"
		}
	}
	if r.Seconds > 0 {
		v.seconds = span(r.Seconds)
	}
	v.verdicts = verdictGrid(r, v.notes)
	v.sites = siteGrid(r, o)
	v.tradeoff, v.memoryOf = tradeoffGrid(r), memoryOf(r)
	v.chart = newChart(r)
	for _, res := range r.Variants {
		v.findings = append(v.findings, newFinding(r, res, o))
	}
	return v
}
