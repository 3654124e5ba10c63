package harness

import "slices"

// ExitCode is what leaklab tells the shell. Where several apply, the first of
// 2, 1, 3, 4, 0 does.
type ExitCode int

// The exit codes, in this precedence.
const (
	// ExitUsage: usage or configuration; nothing was started.
	ExitUsage ExitCode = 2
	// ExitNotRun: the lab could not do its work: a target did not start or died,
	// requests failed, the self-test misjudged twice, or a leak that was expected
	// was not caught. What was measured is no evidence of anything.
	ExitNotRun ExitCode = 1
	// ExitLeak: a variant that should be clean leaks or is over its budget, or a
	// suppression has expired or matches no leak.
	ExitLeak ExitCode = 3
	// ExitInconclusive: too little evidence, or the run was interrupted.
	ExitInconclusive ExitCode = 4
	// ExitPass: every variant is what the scenario expects.
	ExitPass ExitCode = 0
)

// AsExpected tells whether a verdict is what the scenario expects: a leak, not
// just any failure, or a pass, or whatever it is. An inconclusive verdict is neither
// of the first two.
func AsExpected(expect Expectation, v Verdict) bool {
	switch expect {
	case ExpectAny:
		return true
	case ExpectLeak:
		return v.Outcome == Fail && v.Class.Leaks()
	}
	return v.Outcome == Pass
}

// RunOutcome is the outcome of a run over the expectations of its variants. It
// fails where a verdict contradicts what was expected; it passes where all are
// as expected, all were measured, and the run is complete.
func RunOutcome(variants []Result, complete bool) Outcome {
	outcome := Pass
	if !complete || len(variants) == 0 {
		outcome = Inconclusive
	}
	for _, v := range variants {
		switch {
		case v.unmeasured():
			outcome = Inconclusive
		case v.contradicted():
			return Fail
		case !v.asExpected():
			outcome = Inconclusive
		}
	}
	return outcome
}

// outcome is that of the run: that of its variants, unless a suppression fails it.
func (r Record) outcome() Outcome {
	outcome := RunOutcome(r.Variants, r.Complete)
	for _, s := range r.Suppressions {
		if s.State == Expired || s.State == Unmatched && outcome == Pass {
			return Fail
		}
	}
	return outcome
}

// Conclude derives what follows from the verdicts and the blame (invariants 4 to
// 6), so that no writer of a record can contradict it.
func (r *Record) Conclude() {
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Suppressed = r.suppressed(*v)
		v.AsExpected = v.asExpected()
	}
	r.Suppressions = r.suppressionResults()
	r.Outcome = r.outcome()
}

// ExitCode is the exit code that follows from the record.
func (r Record) ExitCode() ExitCode {
	if r.SelfTest != nil && r.SelfTest.Misjudged() {
		return ExitNotRun
	}
	for _, v := range r.Variants {
		if v.unmeasured() || v.contradicted() && v.Expect == ExpectLeak {
			return ExitNotRun
		}
	}
	switch r.outcome() {
	case Pass:
		return ExitPass
	case Fail:
		return ExitLeak
	}
	return ExitInconclusive
}

// asExpected tells whether the variant is what the scenario expects, or leaks and
// is let pass.
func (r Result) asExpected() bool { return r.Suppressed || AsExpected(r.Expect, r.Verdict) }

// contradicted tells whether the verdict says the opposite of what was expected;
// an inconclusive one says nothing. Where a leak is expected, what is over some
// other budget and was found not to leak contradicts; what reached its ceiling
// before that could be told does not.
func (r Result) contradicted() bool {
	switch r.Expect {
	case ExpectAny:
		return false
	case ExpectLeak:
		return r.Verdict.Outcome == Pass ||
			r.Verdict.Outcome == Fail && !r.Verdict.Class.Leaks() && r.Verdict.Class != Unsettled
	}
	return r.Verdict.Outcome == Fail && !r.Suppressed
}

// unmeasured tells whether what was measured is no evidence: most requests
// failed, so that the growth, or the lack of it, is that of the errors; or the
// target died, other than by its memory, before it was found to leak.
func (r Result) unmeasured() bool {
	if r.Load.FailedMost() {
		return true
	}
	died := r.Death != nil && slices.Contains([]string{Crashed, Hung, Gone, Restarted}, r.Death.Cause)
	return died && r.Verdict.Outcome != Fail
}
