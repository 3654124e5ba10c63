package reports

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestReach(t *testing.T) {
	rounds := []harness.Checkpoint{{}, {Requests: 40}, {Round: harness.Replay, Requests: 80}, {Round: harness.Idle, Requests: 80},
		{Round: harness.Reconnect, Requests: 120}, {Round: harness.Flood, Requests: 5000}, {Round: harness.Rest, Requests: 5000}}
	pass := func(c harness.Class, high float64, checkpoints []harness.Checkpoint) harness.Result {
		return harness.Result{Checkpoints: checkpoints,
			Verdict: harness.Verdict{Outcome: harness.Pass, Class: c, SlopeHigh: &high, RequestsToVerdict: 320}}
	}
	for name, test := range map[string]struct {
		result harness.Result
		want   string
	}{
		"steady":           {pass(harness.Steady, 0.6, rounds[:2]), "no leak above 0.6 B a request up to 40 requests and 40 distinct keys"},
		"finer than shown": {pass(harness.Steady, 0.001, rounds[:2]), "no leak above 0.1 B a request up to 40 requests and 40 distinct keys"},
		"repeats":          {pass(harness.Steady, 0.6, rounds[:5]), "no leak above 0.6 B a request up to 120 requests and 40 distinct keys"},
		"a bound":          {pass(harness.Plateau, 900, rounds), "no leak without a bound up to 5 000 requests and 4 920 distinct keys"},
		"no checkpoints":   {pass(harness.Steady, 0.6, nil), "no leak above 0.6 B a request up to 320 requests"},
		"no pass":          {harness.Result{Checkpoints: rounds, Verdict: harness.Verdict{Outcome: harness.Inconclusive}}, ""},
	} {
		if got := reach(test.result); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// The slope of a cache that filled limits nothing: the cache is full.
func TestSlopeToABound(t *testing.T) {
	grows := func(c harness.Class, o harness.Outcome, low float64) harness.Verdict {
		return harness.Verdict{Class: c, Outcome: o, SlopeBytesPerRequest: new(732.0), SlopeLow: &low, SlopeHigh: new(742.0)}
	}
	for want, v := range map[string]harness.Verdict{
		"732 B (to a bound)": grows(harness.Plateau, harness.Pass, 722),
		"732 B (≤ 742 B)":    grows(harness.Plateau, harness.Pass, 0),
		"732 B (722–742)":    grows(harness.Leak, harness.Fail, 722),
	} {
		if got := slope(v); got != want {
			t.Errorf("%s, at least %g: %q, want %q", v.Class, *v.SlopeLow, got, want)
		}
	}
}

// A target that never got through its warm-up has no time that a reader knows.
func TestEnding(t *testing.T) {
	died := harness.Result{Death: &harness.Death{Cause: harness.Crashed, Evidence: "ended with exit code 1", AtSeconds: 0.01}}
	if got, want := reasons(died), "the target ended during the warm-up: crashed: ended with exit code 1"; len(got) != 1 || got[0] != want {
		t.Errorf("in the warm-up: %q, want %q", got, want)
	}
	died.Checkpoints, died.Death.AtSeconds = make([]harness.Checkpoint, 1), 3
	if got, want := ending(died), "the target ended after 3 s: crashed: ended with exit code 1"; got != want {
		t.Errorf("later: %q, want %q", got, want)
	}
}
