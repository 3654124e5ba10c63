package harness

import "testing"

func TestOutcomeAndExitCode(t *testing.T) {
	leak := func(o Outcome) Result { return Result{Expect: ExpectLeak, Verdict: Verdict{Outcome: o, Class: Leak}} }
	clean := func(o Outcome) Result { return Result{Verdict: Verdict{Outcome: o}} }
	died := func(r Result, cause string) Result { r.Death = &Death{Cause: cause}; return r }
	failed := func(r Result, errors int) Result { r.Load = LoadResult{Requests: 99, Errors: errors}; return r }
	for _, test := range []struct {
		name     string
		variants []Result
		partial  bool
		outcome  Outcome
		code     ExitCode
	}{
		{"all as expected", []Result{leak(Fail), clean(Pass)}, false, Pass, ExitPass},
		{"a reference leaks", []Result{{Expect: ExpectAny, Verdict: Verdict{Outcome: Fail, Class: Leak}}, clean(Pass)}, false, Pass, ExitPass},
		{"a reference is inconclusive", []Result{{Expect: ExpectAny, Verdict: Verdict{Outcome: Inconclusive}}, clean(Pass)}, false, Pass, ExitPass},
		{"a leak beside a reference that leaks", []Result{{Expect: ExpectAny, Verdict: Verdict{Outcome: Fail, Class: Leak}}, clean(Fail)}, false, Fail, ExitLeak},
		{"a leak", []Result{leak(Fail), clean(Fail)}, false, Fail, ExitLeak},
		{"an expected leak not caught", []Result{leak(Pass), clean(Pass)}, false, Fail, ExitNotRun},
		{"not caught goes before a leak", []Result{clean(Fail), leak(Pass)}, false, Fail, ExitNotRun},
		{"inconclusive", []Result{leak(Fail), clean(Inconclusive)}, false, Inconclusive, ExitInconclusive},
		{"an expected leak inconclusive", []Result{leak(Inconclusive), clean(Pass)}, false, Inconclusive, ExitInconclusive},
		{"a leak goes before inconclusive", []Result{clean(Inconclusive), clean(Fail)}, false, Fail, ExitLeak},
		{"interrupted", []Result{leak(Fail), clean(Pass)}, true, Inconclusive, ExitInconclusive},
		{"interrupted after a leak", []Result{clean(Fail), clean(Inconclusive)}, true, Fail, ExitLeak},
		{"no verdict yet", []Result{clean("")}, true, Inconclusive, ExitInconclusive},
		{"an unknown verdict", []Result{clean("fine")}, false, Inconclusive, ExitInconclusive},
		{"no variants", nil, false, Inconclusive, ExitInconclusive},
		{"crashed", []Result{died(clean(Inconclusive), Crashed)}, false, Inconclusive, ExitNotRun},
		{"hung", []Result{died(clean(Inconclusive), Hung)}, false, Inconclusive, ExitNotRun},
		{"gone", []Result{died(clean(Inconclusive), Gone)}, false, Inconclusive, ExitNotRun},
		{"restarted", []Result{died(clean(Inconclusive), Restarted)}, false, Inconclusive, ExitNotRun},
		{"crashed while it looked clean", []Result{died(clean(Pass), Crashed)}, false, Inconclusive, ExitNotRun},
		{"crashed after it was caught", []Result{died(leak(Fail), Crashed)}, false, Pass, ExitPass},
		{"crashed goes before a leak", []Result{clean(Fail), died(clean(Inconclusive), Crashed)}, false, Fail, ExitNotRun},
		{"killed for its memory", []Result{died(clean(Fail), MemoryCeiling)}, false, Fail, ExitLeak},
		{"an expected leak killed for its memory", []Result{died(leak(Fail), MemoryCeiling)}, false, Pass, ExitPass},
		{"half of the requests failed", []Result{failed(clean(Pass), 49)}, false, Pass, ExitPass},
		{"most requests failed", []Result{failed(clean(Pass), 50)}, false, Inconclusive, ExitNotRun},
		{"a leak of failing requests", []Result{failed(leak(Fail), 50)}, false, Inconclusive, ExitNotRun},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := RunOutcome(test.variants, !test.partial); got != test.outcome {
				t.Errorf("outcome %s, want %s", got, test.outcome)
			}
			r := Record{Variants: test.variants, Complete: !test.partial}
			if got := r.ExitCode(); got != test.code {
				t.Errorf("exit code %d, want %d", got, test.code)
			}
		})
	}
}

func TestAsExpected(t *testing.T) {
	for _, test := range []struct {
		expect  Expectation
		outcome Outcome
		class   Class
		want    bool
	}{
		{ExpectLeak, Fail, Leak, true}, {ExpectLeak, Fail, Goroutine, true}, {ExpectLeak, Fail, Footprint, true},
		{ExpectLeak, Fail, Steady, false}, {ExpectLeak, Fail, Unsettled, false}, // over some other budget
		{ExpectLeak, Pass, Steady, false}, {ExpectLeak, Inconclusive, Unsettled, false},
		{ExpectClean, Fail, Leak, false}, {ExpectClean, Pass, Steady, true}, {ExpectClean, Inconclusive, Unsettled, false},
		{"", Pass, Steady, true}, {"", Fail, Leak, false},
	} {
		if got := AsExpected(test.expect, Verdict{Outcome: test.outcome, Class: test.class}); got != test.want {
			t.Errorf("AsExpected(%q, %s %s) = %t, want %t", test.expect, test.outcome, test.class, got, test.want)
		}
	}
}

// A leak was expected: a budget that is passed is not it, and a ceiling that was
// reached before growth could be told is neither it nor its absence.
func TestExpectedLeakIsNotJustAnyFailure(t *testing.T) {
	for class, want := range map[Class]ExitCode{Leak: ExitPass, Steady: ExitNotRun, Unsettled: ExitInconclusive} {
		r := Record{Complete: true, Variants: []Result{{Expect: ExpectLeak, Verdict: Verdict{Outcome: Fail, Class: class}}}}
		if got := r.ExitCode(); got != want {
			t.Errorf("expected a leak, failed as %s: exit %d, want %d", class, got, want)
		}
	}
}

// A gate that misjudged what is known has measured nothing, whatever it says.
func TestExitCodeOfAnUntrustedGate(t *testing.T) {
	for want, test := range map[ExitCode]SelfTest{
		ExitPass:   {PlantedLeak: Inconclusive, CleanTwin: Pass},
		ExitNotRun: {PlantedLeak: Fail, CleanTwin: Fail},
	} {
		r := Record{Complete: true, SelfTest: &test, Variants: []Result{{Verdict: Verdict{Outcome: Pass}}}}
		if got := r.ExitCode(); got != want {
			t.Errorf("%+v: exit %d, want %d", test, got, want)
		}
	}
}
