package harness

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

const (
	first  = "111111111111"
	second = "222222222222"
	other  = "333333333333"
)

// leaking is a variant that should be clean and leaks at two sites, the second of
// which has a share of the growth.
func leaking(share float64) Result {
	return Result{
		Name:    "v",
		Verdict: Verdict{Outcome: Fail, Class: Leak, Reasons: []Reason{{Code: "slope"}, {Code: "objects"}, {Code: "growth"}}},
		Blame:   []Blame{{Fingerprint: first, Share: 1 - share}, {Fingerprint: second, Share: share}},
	}
}

func changed(v Result, change func(*Result)) Result {
	change(&v)
	return v
}

func TestSuppression(t *testing.T) {
	clean := Result{Name: "v", Verdict: Verdict{Outcome: Pass, Class: Steady}}
	reason := func(code string) Result {
		return changed(leaking(0), func(v *Result) { v.Verdict.Reasons = append(v.Verdict.Reasons, Reason{Code: code}) })
	}
	for _, test := range []struct {
		name       string
		variant    Result
		suppress   []Fingerprint
		suppressed bool
		states     []SuppressionState
		code       ExitCode
	}{
		{"no suppression", leaking(0), nil, false, nil, ExitLeak},
		{"the only site", leaking(0.05), []Fingerprint{first}, true, []SuppressionState{Matched}, ExitPass},
		{"another site", leaking(0.05), []Fingerprint{other}, false, []SuppressionState{Unmatched}, ExitLeak},
		{"the first of two", leaking(0.3), []Fingerprint{first}, false, []SuppressionState{Matched}, ExitLeak},
		{"the second of two", leaking(0.3), []Fingerprint{second}, false, []SuppressionState{Matched}, ExitLeak},
		{"both", leaking(0.3), []Fingerprint{second, first}, true, []SuppressionState{Matched, Matched}, ExitPass},
		{"both, one small", leaking(0.05), []Fingerprint{second, first}, true, []SuppressionState{Matched, Matched}, ExitPass},
		{"one too many", leaking(0.05), []Fingerprint{first, other}, true, []SuppressionState{Matched, Unmatched}, ExitLeak},
		{"a second site that may be noise", changed(leaking(0.3), func(v *Result) { v.Blame[1].BytesPerRequestLow = new(-1.0) }),
			[]Fingerprint{first}, true, []SuppressionState{Matched}, ExitPass},
		{"goroutines", changed(leaking(0.05), func(v *Result) { v.Verdict.Class = Goroutine }),
			[]Fingerprint{first}, true, []SuppressionState{Matched}, ExitPass},
		{"off-heap", changed(leaking(0.05), func(v *Result) { v.Verdict.Class = Footprint }),
			[]Fingerprint{first}, false, []SuppressionState{Unmatched}, ExitLeak},
		{"no blame", changed(leaking(0), func(v *Result) { v.Blame = nil }), []Fingerprint{first}, false, []SuppressionState{Unmatched}, ExitLeak},
		{"over its peak as well", reason("peak"), []Fingerprint{first}, false, []SuppressionState{Matched}, ExitLeak},
		{"within an hour of OOM", reason("time-to-oom"), []Fingerprint{first}, true, []SuppressionState{Matched}, ExitPass},
		{"crashed", changed(leaking(0), func(v *Result) { v.Death = &Death{Cause: Crashed} }),
			[]Fingerprint{first}, false, []SuppressionState{Matched}, ExitLeak},
		{"clean", clean, []Fingerprint{first}, false, []SuppressionState{Unmatched}, ExitLeak},
		{"inconclusive", changed(clean, func(v *Result) { v.Verdict.Outcome = Inconclusive }),
			[]Fingerprint{first}, false, []SuppressionState{Unmatched}, ExitInconclusive},
		{"a leak that is expected", changed(leaking(0), func(v *Result) { v.Expect = ExpectLeak }),
			[]Fingerprint{first}, false, []SuppressionState{Unmatched}, ExitLeak},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := Record{Schema: RecordSchema, Complete: true, Variants: []Result{test.variant},
				StartedAt: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
			for _, f := range test.suppress {
				r.Spec.Suppressions = append(r.Spec.Suppressions, Suppression{Fingerprint: f, Reason: "known", Until: "2026-11-24"})
			}
			r.Conclude()
			var states []SuppressionState
			for _, s := range r.Suppressions {
				states = append(states, s.State)
			}
			v := r.Variants[0]
			if v.Suppressed != test.suppressed || !slices.Equal(states, test.states) || r.ExitCode() != test.code {
				t.Errorf("suppressed %t, %v, exit %d; want %t, %v, exit %d", v.Suppressed, states, r.ExitCode(), test.suppressed, test.states, test.code)
			}
			if test.suppressed && !v.AsExpected {
				t.Error("suppressed, and not as expected")
			}
			if err := r.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A suppression lets the growth of its sites pass, whatever budget bounds it, and no
// other budget. Every budget is in the table.
func TestSuppressionOfBudgets(t *testing.T) {
	const none = "" // bounds nothing of its own
	codes := map[string]struct {
		code   string
		passes bool
	}{
		"growth": {"growth", true}, "slope": {"slope", true}, "objects": {"objects", true}, "goroutines": {"goroutines", true},
		"time_to_oom": {"time-to-oom", true}, "keys": {none, true},
		"off_heap": {"off-heap", false}, "peak": {"peak", false}, "rss": {"rss", false}, "churn": {"churn", false}, "gc_cpu": {"gc-cpu", false},
	}
	for field := range reflect.TypeFor[Budget]().Fields() {
		budget := field.Tag.Get("yaml")
		test, ok := codes[budget]
		if !ok {
			t.Errorf("budget %s is not in the table", budget)
		}
		v := leaking(0)
		v.Verdict.Reasons = append(v.Verdict.Reasons, Reason{Code: test.code})
		r := Record{Complete: true, Variants: []Result{v}, Spec: Scenario{Suppressions: []Suppression{{Fingerprint: first, Until: "2026-11-24"}}}}
		if r.Conclude(); r.Variants[0].Suppressed != test.passes {
			t.Errorf("over its budget of %s as well: suppressed %t, want %t", budget, r.Variants[0].Suppressed, test.passes)
		}
	}
}

// The last day counts, wherever the run took place; the day after fails the run,
// whether the leak is still there, gone, or not yet known.
func TestSuppressionExpires(t *testing.T) {
	west := time.FixedZone("west", -5*3600)
	for _, test := range []struct {
		at      time.Time
		outcome Outcome
		state   SuppressionState
		code    ExitCode
	}{
		{time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), Fail, Matched, ExitPass},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Fail, Expired, ExitLeak},
		{time.Date(2026, 12, 31, 20, 0, 0, 0, west), Fail, Expired, ExitLeak},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Pass, Expired, ExitLeak},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Inconclusive, Expired, ExitLeak},
	} {
		v := changed(leaking(0), func(v *Result) { v.Verdict.Outcome = test.outcome })
		r := Record{Complete: true, StartedAt: test.at, Variants: []Result{v},
			Spec: Scenario{Suppressions: []Suppression{{Fingerprint: first, Until: "2026-12-31"}}}}
		r.Conclude()
		if r.Variants[0].Suppressed != (test.code == ExitPass) {
			t.Errorf("%s at %s: suppressed %t", test.outcome, test.at, r.Variants[0].Suppressed)
		}
		if got := r.Suppressions[0].State; got != test.state || r.ExitCode() != test.code || r.Outcome == Pass != (test.code == ExitPass) {
			t.Errorf("%s at %s: %s, %s, exit %d; want %s, exit %d", test.outcome, test.at, got, r.Outcome, r.ExitCode(), test.state, test.code)
		}
	}
}
