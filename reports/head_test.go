package reports

import (
	"reflect"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// Whatever is allowed is said in the line of the budget.
func TestBudgetSaysAll(t *testing.T) {
	want := map[string]string{
		"growth": "50 MiB of growth in 30s", "slope": "16 B a request", "objects": "0.5 objects a request", "goroutines": "0.001 goroutines a request",
		"off_heap": "4 KiB off-heap a request", "time_to_oom": "24h0m0s within 1 GiB", "peak": "64 MiB of live heap", "rss": "128 MiB of footprint",
		"keys": "1 000 keys", "churn": "8 KiB allocated a request", "gc_cpu": "25% of the CPU time to collect garbage",
	}
	all := reflect.ValueOf(harness.Budget{
		Growth: harness.Growth{Bytes: 50 * harness.MiB, Over: harness.Duration(30e9)}, Slope: 16, Objects: 0.5, Goroutines: 0.001, OffHeap: 4096,
		TimeToOOM: harness.TimeToOOM{AtLeast: harness.Duration(24 * 3600e9), Limit: harness.GiB}, Peak: 64 * harness.MiB, RSS: 128 * harness.MiB,
		Keys: 1000, Churn: 8192, GCCPU: 0.25,
	})
	for i := range all.NumField() {
		var one harness.Budget
		reflect.ValueOf(&one).Elem().Field(i).Set(all.Field(i))
		key := all.Type().Field(i).Tag.Get("yaml")
		if got := budget(one, ""); len(got) != 1 || got[0] != want[key] {
			t.Errorf("%s: %q, want %q", key, got, want[key])
		}
	}
}

// A suppression that matched nothing fails a run that is known to the end, and says
// nothing of one that is not.
func TestBecauseOfSuppressions(t *testing.T) {
	for _, test := range []struct {
		outcome harness.Outcome
		state   harness.SuppressionState
		want    string
	}{
		{harness.Pass, harness.Unmatched, "suppression 111111111111 matches no leak"},
		{harness.Inconclusive, harness.Unmatched, "v is inconclusive"},
		{harness.Inconclusive, harness.Expired, "v is inconclusive; suppression 111111111111 has expired"},
	} {
		r := harness.Record{Complete: true, Variants: []harness.Result{{Name: "v", Verdict: harness.Verdict{Outcome: test.outcome}}}}
		r.Spec.Suppressions = []harness.Suppression{{Fingerprint: "111111111111", Until: "2999-12-31"}}
		if test.state == harness.Expired {
			r.Spec.Suppressions[0].Until = "0001-01-00"
		}
		r.Conclude()
		if got := because(r); got != test.want {
			t.Errorf("%s, %s: %q, want %q", test.outcome, test.state, got, test.want)
		}
	}
}
