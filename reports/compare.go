package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
)

// comparison is a comparison as every renderer shows it: words and formatted
// figures, safe for a terminal, not yet escaped for a format.
type comparison struct {
	head     []string // what was compared, a part each
	table    grid
	findings []changed
	notes    []string
	verdict  string
	tone     tone
	because  string
}

// changed is what is said of one variant beside its row.
type changed struct {
	name, label string
	tone        tone
	lines       []changeLine
}

// changeLine is a sentence and what it is of. place is the line of code that it
// begins with, url where that is shown; both empty where there is none.
type changeLine struct{ what, place, url, text string }

// String is the sentence with its place.
func (l changeLine) String() string { return strings.TrimSpace(l.place + "  " + l.text) }

// maxChanges bounds the lines of one variant.
const maxChanges = 20

func newComparison(c compare.Comparison, o Options) comparison {
	v := comparison{
		head:    compared(c),
		table:   changeGrid(c),
		verdict: statusVerdicts[c.Status],
		tone:    statusTones[c.Status],
		because: becauseOf(c),
	}
	for _, variant := range c.Variants[:min(maxVariants, len(c.Variants))] {
		if lines := changeLines(variant, c, o); len(lines) > 0 {
			v.findings = append(v.findings, changed{safe(variant.Name), statusWord(variant), statusTones[variant.Status], lines})
		}
	}
	if hidden := len(c.Variants) - maxVariants; hidden > 0 {
		v.notes = append(v.notes, fmt.Sprintf("%d more variants were compared", hidden))
	}
	for _, w := range c.Warnings {
		v.notes = append(v.notes, safe(w.Text))
	}
	for _, name := range c.Removed[:min(maxVariants, len(c.Removed))] {
		v.notes = append(v.notes, safe(name)+" is in the base only")
	}
	return v
}

// compared is what was compared; of one run that has its own base in it, that run.
func compared(c compare.Comparison) []string {
	if c.Base.ID == c.Head.ID {
		return []string{safe(c.Scenario), "base and head of " + runLabel(c.Head)}
	}
	return []string{safe(c.Scenario), "base " + runLabel(c.Base), "head " + runLabel(c.Head)}
}

// variantLabel is a variant's name, and its base's where that has another.
func variantLabel(v compare.Variant) string {
	if v.BaseName == "" || v.BaseName == v.Name {
		return safe(v.Name)
	}
	return safe(v.Name) + " against " + safe(v.BaseName)
}

// runLabel tells a run from others: by its name and by what it was built from.
func runLabel(r compare.Run) string {
	label := safe(r.ID)
	if r.Environment.Revision != "" {
		label += " (" + safe(r.Environment.Revision) + ")"
	}
	return label
}

// statusVerdicts are the words for the whole of a comparison.
var statusVerdicts = map[compare.Status]string{
	compare.StatusNew: "WORSE", compare.StatusWorse: "WORSE", compare.StatusUndecided: "UNDECIDED",
	compare.StatusBetter: "BETTER", compare.StatusSame: "SAME",
}

// statusWord is what became of a variant, in a word or two.
func statusWord(v compare.Variant) string {
	switch {
	case v.Status == compare.StatusNew && hasLeak(v, compare.New):
		return "NEW LEAK"
	case v.Status == compare.StatusNew:
		return "OVER BUDGET"
	case v.Status == compare.StatusWorse:
		return "WORSE"
	}
	return string(v.Status)
}

var statusTones = map[compare.Status]tone{
	compare.StatusNew: bad, compare.StatusWorse: bad, compare.StatusUndecided: unsure,
	compare.StatusBetter: good, compare.StatusSame: good,
}

// changeGrid has a row for each variant: what became of it, and its figures in
// the base and in the head.
func changeGrid(c compare.Comparison) grid {
	period := "in " + span(c.GrowthSeconds)
	if c.GrowthSeconds == 3600 {
		period = "in an hour"
	}
	g := grid{header: []string{"variant", "changed", "verdict", "grows " + axis(safe(c.Axis)).each(), period, "churn", "CPU ms", "p99 ms"}}
	for _, v := range c.Variants[:min(maxVariants, len(c.Variants))] {
		cells := []string{variantLabel(v), statusWord(v), verdictChange(v)}
		for _, code := range []string{compare.Slope, compare.Growth, compare.Churn, compare.CPU, compare.LatencyP99} {
			cells = append(cells, fromTo(v, code))
		}
		g.add(statusTones[v.Status], cells...)
	}
	return g
}

func verdictChange(v compare.Variant) string {
	words := func(j compare.Judgement) string {
		return label(harness.Result{Verdict: harness.Verdict{Outcome: j.Outcome, Class: j.Class}})
	}
	if v.Base == nil {
		return "(none) → " + words(v.Head)
	}
	return arrow(words(*v.Base), words(v.Head))
}

// arrow is a change of two texts, or the one where they are equal.
func arrow(base, head string) string {
	if base == head {
		return head
	}
	return base + " → " + head
}

// fromTo is a figure of a variant in the base and in the head; the head's alone
// where it is known to be the same, or the only one.
func fromTo(v compare.Variant, code string) string {
	for _, f := range v.Figures {
		switch {
		case f.Code != code:
		case f.Direction == compare.Held || v.Base == nil:
			return value(f, f.Head)
		default:
			return arrow(value(f, f.Base), value(f, f.Head))
		}
	}
	return unknown
}

// value prints an estimate in the unit of its figure.
func value(f compare.Figure, e *compare.Estimate) string {
	if e == nil {
		return unknown
	}
	return amountIn(f.Unit, e.Value)
}

func amountIn(unit string, v float64) string {
	switch {
	case strings.HasPrefix(unit, "bytes"):
		return harness.FormatBytes(v)
	case strings.HasPrefix(unit, "seconds"):
		return milliseconds(v)
	}
	return harness.FormatCount(v)
}

// becauseOf is the reason of the comparison's status: what happened, and in which
// variants.
func becauseOf(c compare.Comparison) string {
	const most = 5
	var whats []string
	names := map[string][]string{}
	for _, v := range c.Variants {
		if v.Status != c.Status || v.Status == compare.StatusSame {
			continue
		}
		what := becauseVariant(v, axis(safe(c.Axis)))
		if names[what] == nil {
			whats = append(whats, what)
		}
		names[what] = append(names[what], safe(v.Name))
	}
	if len(whats) == 0 {
		return "nothing is worse than the base beyond its interval"
	}
	parts := make([]string, len(whats))
	for i, what := range whats {
		list := names[what]
		parts[i] = what + ": " + strings.Join(list[:min(most, len(list))], ", ")
		if more := len(list) - most; more > 0 {
			parts[i] += fmt.Sprintf(" and %d more", more)
		}
	}
	return strings.Join(parts, "; ")
}

func becauseVariant(v compare.Variant, a axis) string {
	switch v.Status {
	case compare.StatusNew:
		if hasLeak(v, compare.New) {
			return "a leak that the base did not have"
		}
		return "over a budget that the base held"
	case compare.StatusWorse:
		return "worse in " + figuresThat(v, compare.Rose, a)
	case compare.StatusBetter:
		if hasLeak(v, compare.Fixed) {
			return "a leak less"
		}
		return "better in " + figuresThat(v, compare.Fell, a)
	}
	return "no verdict that would show a change"
}

// figuresThat are the names of the figures that decide and went in a direction.
func figuresThat(v compare.Variant, went compare.Direction, a axis) string {
	var names []string
	for _, f := range v.Figures {
		if f.Decides && f.Direction == went {
			names = append(names, figureNames[f.Code]+" "+a.each())
		}
	}
	return strings.Join(names, " and ")
}

func hasLeak(v compare.Variant, state compare.LeakState) bool {
	for _, l := range v.Leaks {
		if l.State == state && !l.Excused {
			return true
		}
	}
	return false
}
