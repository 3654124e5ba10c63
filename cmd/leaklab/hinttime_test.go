package main

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// A run of attach whose time was not enough says how much would be.
func TestHintOfMoreTime(t *testing.T) {
	o := runOptions{command: []string{"leaklab", "attach"}}
	at := func(seconds ...float64) (checkpoints []harness.Checkpoint) {
		for _, s := range seconds {
			checkpoints = append(checkpoints, harness.Checkpoint{AtSeconds: s})
		}
		return checkpoints
	}
	for name, test := range map[string]struct {
		held        float64
		checkpoints []harness.Checkpoint
		outcome     harness.Outcome
		want        string // of the hint; empty is none
	}{
		"nothing but a warm-up": {20, nil, harness.Inconclusive, "leaklab attach --max-time 250s at least, for a service that answers 20 requests a second"},
		"a few segments":        {32, at(30, 33, 36, 39, 42), harness.Inconclusive, "--max-time 170s at least"},
		"at the end":            {100, at(4, 5, 6, 40), harness.Inconclusive, "at least"},
		"soon enough":           {100, at(4, 5, 6, 7, 8), harness.Inconclusive, ""},
		"a verdict":             {32, at(22, 25, 28, 31, 34, 37, 40), harness.Fail, ""},
		"nothing was answered":  {0, nil, harness.Inconclusive, ""},
	} {
		v := harness.Result{Checkpoints: test.checkpoints, Verdict: harness.Verdict{Outcome: test.outcome}}
		v.Load.RatePerSecond = test.held
		r := harness.Record{Complete: true, Variants: []harness.Result{v}}
		r.Spec.Load = harness.Load{WarmUp: 600, Segment: 100, MaxTime: harness.Duration(45e9), Patience: harness.Duration(15e9)}
		if hint := o.resultHint(r); !strings.Contains(hint, test.want) || test.want == "" && hint != "" {
			t.Errorf("%s: hint %q, want %q", name, hint, test.want)
		}
	}
}
