package selftest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

// script is a trial that says what was written down for each subject, one
// outcome a trial, and remembers who was tried together.
type script struct {
	outcomes map[string][]harness.Outcome
	trials   []string
	err      error // of the second trial
}

func (s *script) try(_ context.Context, subjects ...subject) ([]harness.Verdict, error) {
	if len(s.trials) == 1 && s.err != nil {
		return nil, s.err
	}
	var names []string
	var verdicts []harness.Verdict
	for _, of := range subjects {
		next := s.outcomes[of.Name]
		s.outcomes[of.Name] = next[1:]
		names = append(names, of.Name)
		verdicts = append(verdicts, harness.Verdict{Outcome: next[0], Reasons: []harness.Reason{{Text: "because of trial " + string(rune('1'+len(s.trials)))}}})
	}
	s.trials = append(s.trials, strings.Join(names, " "))
	return verdicts, nil
}

func TestRun(t *testing.T) {
	const pass, fail, open = harness.Pass, harness.Fail, harness.Inconclusive
	type outcomes []harness.Outcome
	for name, test := range map[string]struct {
		leak, twin  outcomes
		trials      []string
		warnings    []string
		trusted     bool
		misjudgment string // the error
	}{
		"both right":               {outcomes{fail}, outcomes{pass}, nil, nil, true, ""},
		"the leak is missed once":  {outcomes{pass, fail}, outcomes{pass}, []string{"planted-leak"}, []string{"self-test-repeated"}, true, ""},
		"the twin is accused once": {outcomes{fail}, outcomes{fail, pass}, []string{"clean-twin"}, []string{"self-test-repeated"}, true, ""},
		"the leak is missed twice": {outcomes{pass, pass}, outcomes{pass}, []string{"planted-leak"}, nil, false,
			"this gate cannot be trusted here: the planted leak of 32 B a request was judged pass (because of trial 1); again, alone, pass (because of trial 2)"},
		"the twin is accused twice": {outcomes{fail}, outcomes{fail, fail}, []string{"clean-twin"}, nil, false,
			"this gate cannot be trusted here: its clean twin was judged fail (because of trial 1); again, alone, fail (because of trial 2)"},
		"each is taken for the other once": {outcomes{pass, fail}, outcomes{fail, pass}, []string{"planted-leak", "clean-twin"},
			[]string{"self-test-repeated", "self-test-repeated"}, true, ""},
		"inconclusive":              {outcomes{open}, outcomes{pass}, nil, []string{"self-test-inconclusive"}, false, ""},
		"misjudged, then undecided": {outcomes{fail}, outcomes{fail, open}, []string{"clean-twin"}, []string{"self-test-inconclusive"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := script{outcomes: map[string][]harness.Outcome{"planted-leak": test.leak, "clean-twin": test.twin}}
			quiet := make(chan struct{})
			close(quiet)
			result, warnings, err := run(t.Context(), s.try, quiet)
			var codes []string
			for _, w := range warnings {
				codes = append(codes, w.Code)
			}
			if diff := cmp.Diff(append([]string{"planted-leak clean-twin"}, test.trials...), s.trials); diff != "" {
				t.Errorf("trials (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, codes); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if result.Trusted() != test.trusted || result.Misjudged() != (test.misjudgment != "") {
				t.Errorf("result %+v: want trusted %t, misjudged %t", result, test.trusted, test.misjudgment != "")
			}
			if got := errorText(err); got != test.misjudgment || err != nil && !errors.Is(err, ErrUntrusted) {
				t.Errorf("error\n got %q\nwant %q", got, test.misjudgment)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A repeat waits until nothing else is going on, and no longer than the run.
func TestRepeatWaitsForQuiet(t *testing.T) {
	s := script{outcomes: map[string][]harness.Outcome{
		"planted-leak": {harness.Pass, harness.Fail}, "clean-twin": {harness.Pass},
	}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, _, err := run(ctx, s.try, make(chan struct{}))
	if result != nil || !errors.Is(err, context.Canceled) || len(s.trials) != 1 {
		t.Errorf("%+v, %v after %d trials: want the end of the context after the first", result, err, len(s.trials))
	}
}

// A repeat that cannot be made leaves nothing known.
func TestRepeatThatCannotRun(t *testing.T) {
	s := script{err: errors.New("no such program"), outcomes: map[string][]harness.Outcome{
		"planted-leak": {harness.Pass}, "clean-twin": {harness.Pass},
	}}
	quiet := make(chan struct{})
	close(quiet)
	if result, _, err := run(t.Context(), s.try, quiet); result != nil || !errors.Is(err, s.err) {
		t.Errorf("%+v, %v: want the trial's error alone", result, err)
	}
}
