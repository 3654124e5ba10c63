package compare

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// Status is what a comparison comes to.
type Status string

// The statuses, from the gravest.
const (
	// StatusNew: a leak that the base did not have, or a budget that is passed now.
	StatusNew Status = "new"
	// StatusWorse: a figure that decides rose beyond its interval.
	StatusWorse Status = "worse"
	// StatusUndecided: an inconclusive verdict leaves open what changed.
	StatusUndecided Status = "undecided"
	// StatusBetter: a leak is gone, or a figure that decides fell.
	StatusBetter Status = "better"
	StatusSame   Status = "same"
)

var gravest = []Status{StatusNew, StatusWorse, StatusUndecided, StatusBetter, StatusSame}

// compare sets the two results side by side.
func (p twin) compare(period period) Variant {
	v := Variant{Name: p.head.Name, Head: judgementOf(p.head), Leaks: p.leaks(), OverBudget: p.overBudget()}
	excused := slices.ContainsFunc(v.Leaks, func(l Leak) bool { return l.State == New && l.Excused })
	v.Figures = p.figures(period, !excused)
	if p.base != nil {
		v.BaseName, v.Base = p.base.Name, new(judgementOf(*p.base))
	}
	v.Status = v.status()
	return v
}

func judgementOf(r harness.Result) Judgement {
	return Judgement{Outcome: r.Verdict.Outcome, Class: r.Verdict.Class, AsExpected: r.AsExpected}
}

// ofBudget are the codes of reasons to fail that a budget gives, and no leak.
var ofBudget = []string{"time-to-oom", "churn", "peak", "rss", harness.MemoryCeiling}

// overBudget is why the head fails by a budget that the base held.
func (p twin) overBudget() []harness.Reason {
	over := []harness.Reason{}
	if p.head.Verdict.Outcome != harness.Fail || p.head.AsExpected {
		return over
	}
	for _, reason := range p.head.Verdict.Reasons {
		before := p.base != nil && p.base.Verdict.Outcome == harness.Fail &&
			slices.ContainsFunc(p.base.Verdict.Reasons, func(r harness.Reason) bool { return r.Code == reason.Code })
		if slices.Contains(ofBudget, reason.Code) && !before {
			over = append(over, reason)
		}
	}
	return over
}

func (v Variant) status() Status {
	undecided := v.Head.Outcome == harness.Inconclusive
	better := false
	for _, l := range v.Leaks {
		if l.State == New && !l.Excused {
			return StatusNew
		}
		undecided = undecided || l.State == Undecided && !l.Excused
		better = better || l.State == Fixed
	}
	if len(v.OverBudget) > 0 {
		return StatusNew
	}
	for _, f := range v.Figures {
		if f.Decides && f.Direction == Rose {
			return StatusWorse
		}
		better = better || f.Decides && f.Direction == Fell
	}
	switch {
	case undecided:
		return StatusUndecided
	case better:
		return StatusBetter
	}
	return StatusSame
}

// worst is the gravest status of all variants.
func worst(variants []Variant) Status {
	for _, s := range gravest {
		if slices.ContainsFunc(variants, func(v Variant) bool { return v.Status == s }) {
			return s
		}
	}
	return StatusSame
}

// FailOn is what fails a comparison.
type FailOn string

// What may fail a comparison. The zero value is FailOnWorse.
const (
	FailOnNew   FailOn = "new"
	FailOnWorse FailOn = "worse" // new ones as well
	FailOnAny   FailOn = "any"   // what was in the base as well
)

// ExitCode is the exit code that follows from a comparison.
func (c Comparison) ExitCode(on FailOn) harness.ExitCode {
	failed := func(v Variant) bool {
		bad := v.Status == StatusNew || v.Status == StatusWorse && on != FailOnNew
		return bad || on == FailOnAny && v.Head.Outcome == harness.Fail && !v.Head.AsExpected
	}
	undecided := func(v Variant) bool { return v.Status == StatusUndecided }
	switch {
	case slices.ContainsFunc(c.Variants, failed):
		return harness.ExitLeak
	case slices.ContainsFunc(c.Variants, undecided):
		return harness.ExitInconclusive
	}
	return harness.ExitPass
}
