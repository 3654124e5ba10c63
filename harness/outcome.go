package harness

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
	// ExitLeak: a variant that should be clean leaks or is over its budget.
	ExitLeak ExitCode = 3
	// ExitInconclusive: too little evidence, or the run was interrupted.
	ExitInconclusive ExitCode = 4
	// ExitPass: every variant is what the scenario expects.
	ExitPass ExitCode = 0
)

// AsExpected tells whether a verdict is what the scenario expects: a leak fails,
// all else passes. An inconclusive verdict is never as expected.
func AsExpected(expect Expectation, verdict Outcome) bool {
	if expect.OrDefault() == ExpectLeak {
		return verdict == Fail
	}
	return verdict == Pass
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
		case !AsExpected(v.Expect, v.Verdict.Outcome):
			outcome = Inconclusive
		}
	}
	return outcome
}

// ExitCode is the exit code that follows from the record.
func (r Record) ExitCode() ExitCode {
	if r.SelfTest != nil && r.SelfTest.Misjudged() {
		return ExitNotRun
	}
	code := ExitPass
	if RunOutcome(r.Variants, r.Complete) == Inconclusive {
		code = ExitInconclusive
	}
	for _, v := range r.Variants {
		switch {
		case v.unmeasured(), v.contradicted() && v.Expect == ExpectLeak:
			return ExitNotRun
		case v.contradicted():
			code = ExitLeak
		}
	}
	return code
}

// contradicted tells whether the verdict says the opposite of what was expected;
// an inconclusive one says nothing.
func (r Result) contradicted() bool {
	if r.Expect.OrDefault() == ExpectLeak {
		return r.Verdict.Outcome == Pass
	}
	return r.Verdict.Outcome == Fail
}

// unmeasured tells whether what was measured is no evidence: most requests
// failed, so that the growth, or the lack of it, is that of the errors; or the
// target died, other than by its memory, before it was found to leak.
func (r Result) unmeasured() bool {
	if r.Load.Requests > 0 && r.Load.Errors > r.Load.Requests/2 {
		return true
	}
	died := r.Death != nil && (r.Death.Cause == Crashed || r.Death.Cause == Hung)
	return died && r.Verdict.Outcome != Fail
}
