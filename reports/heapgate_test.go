package reports

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestHeapGate(t *testing.T) {
	result := func(name string, outcome harness.Outcome, grown int64) harness.Result {
		return harness.Result{Name: name, Verdict: harness.Verdict{Outcome: outcome, GrowthBytes: &grown}}
	}
	r := harness.Record{Variants: []harness.Result{
		result("leaky", harness.Fail, 900<<20), result("slow", harness.Fail, 1<<20), result("set", harness.Pass, 512),
		{Name: "dead", Verdict: harness.Verdict{Outcome: harness.Inconclusive}},
	}}
	r.Spec.Load.Rate = harness.MaxRate
	if got := heapGate(r); got != "" {
		t.Errorf("without a budget: %q, want nothing", got)
	}
	r.Spec.Budget.Growth.Bytes = 50 * harness.MiB
	const want = "a gate on the last live heap less the first, over 50 MiB: fails leaky (900 MiB); passes slow (1 MiB), set (512 B); " +
		"the verdicts differ on slow"
	if got := heapGate(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.Spec.Load.Rate = 100
	if got := heapGate(r); got != "" {
		t.Errorf("at a rate: %q, want nothing", got)
	}
}
