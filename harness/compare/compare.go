// Package compare sets a run against a base: which leaks are new, fixed or still
// there, which sites moved, and which figures changed beyond their intervals. It
// is pure: records in, a comparison out. It refuses to compare runs that differ
// in what was asked of them, and gives no verdict of its own: those are the
// records'. It stands after the record in the flow, beside the reports.
package compare

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Schema names the version of the comparison's format in JSON.
const Schema = "leaklab/compare/v1"

// Comparison is what changed from a base to a head.
type Comparison struct {
	Schema   string            `json:"schema"`
	Scenario string            `json:"scenario"`
	Base     Run               `json:"base"`
	Head     Run               `json:"head"`
	Status   Status            `json:"status"`
	Variants []Variant         `json:"variants"`
	Removed  []string          `json:"removed"` // variants that only the base has
	Warnings []harness.Warning `json:"warnings"`
	// GrowthSeconds is the time that the figure growth is of.
	GrowthSeconds float64 `json:"growth_seconds"`
	// Axis is what requests stand for where the load came from elsewhere, as in
	// [harness.Result]; empty: requests.
	Axis string `json:"axis,omitzero"`
}

// Run tells one of the two runs from others.
type Run struct {
	ID          string              `json:"id"`
	StartedAt   time.Time           `json:"started_at"`
	Environment harness.Environment `json:"environment"`
}

// Variant is what changed in one variant.
type Variant struct {
	// Name is the variant's in the head, BaseName in the base; empty where the
	// base has none of it.
	Name     string `json:"name"`
	BaseName string `json:"base_name"`
	Status   Status `json:"status"`
	// Base is null where the base has no such variant.
	Base    *Judgement `json:"base"`
	Head    Judgement  `json:"head"`
	Figures []Figure   `json:"figures"`
	Leaks   []Leak     `json:"leaks"`
	// OverBudget is why the head is over a budget that the base was not.
	OverBudget []harness.Reason `json:"over_budget"`
}

// Judgement is how a run judged the variant.
type Judgement struct {
	Outcome harness.Outcome `json:"outcome"`
	Class   harness.Class   `json:"class"`
	// AsExpected says that the scenario expects this, or lets the leak pass.
	AsExpected bool `json:"as_expected"`
}

// Options is how runs are compared. The zero value pairs variants by name.
type Options struct {
	// Map names the base's variant of one of the head's, where their names differ.
	Map map[string]string
	// Force compares what is not comparable all the same; why it is not becomes
	// warnings.
	Force bool
}

// Compare sets a head against its base. Runs that cannot be compared are an
// [*IncomparableError]; a name in Options.Map that no variant has is another
// error.
func Compare(base, head harness.Record, o Options) (Comparison, error) {
	pairs, removed, err := pair(base, head, o.Map)
	if err != nil {
		return Comparison{}, err
	}
	refusals, warnings := differences(base, head, pairs)
	if len(refusals) > 0 && !o.Force {
		return Comparison{}, &IncomparableError{Reasons: refusals}
	}
	for _, text := range refusals {
		warnings = append(warnings, harness.Warning{Code: "not-comparable", Text: "compared by force: " + text})
	}
	c := Comparison{
		Schema: Schema, Scenario: head.Scenario,
		Base: runOf(base), Head: runOf(head),
		Variants: make([]Variant, 0, len(pairs)), Removed: removed, Warnings: warnings,
	}
	period := periodOf(base, head)
	c.GrowthSeconds = period.seconds
	for _, p := range pairs {
		c.Variants = append(c.Variants, p.compare(period))
		c.Axis = p.head.Axis
	}
	c.Status = worst(c.Variants)
	return c, nil
}

func runOf(r harness.Record) Run {
	return Run{ID: r.ID, StartedAt: r.StartedAt, Environment: r.Environment}
}

// twin is a variant of the head and the one of the base that it is set against;
// nil where there is none.
type twin struct {
	base *harness.Result
	head harness.Result
}

// pair finds the base's variant of each of the head's, and those of the base that
// are left.
func pair(base, head harness.Record, names map[string]string) (pairs []twin, removed []string, err error) {
	left := map[string]*harness.Result{}
	for i, v := range base.Variants {
		left[v.Name] = &base.Variants[i]
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		known := slices.ContainsFunc(head.Variants, func(v harness.Result) bool { return v.Name == name })
		if !known || left[names[name]] == nil {
			return nil, nil, fmt.Errorf("map %q to %q: want a variant of the head and one of the base", name, names[name])
		}
	}
	for _, v := range head.Variants {
		name := v.Name
		if mapped, ok := names[name]; ok {
			name = mapped
		}
		pairs = append(pairs, twin{base: left[name], head: v})
		delete(left, name)
	}
	return pairs, append([]string{}, slices.Sorted(maps.Keys(left))...), nil
}
