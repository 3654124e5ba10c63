package judge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// The stacks of goroutines that stay fill the limit as well: 1 GiB ÷
// ((100 B + 0.5 × 2 KiB) × 100 requests/s) is 2 h 39 min.
func TestForecastCountsStacks(t *testing.T) {
	v, _ := readings{bytes: ramp(100), objects: ramp(1), goroutines: every(2, 1)}.run(func(e *judge.Evidence) {
		e.Budget.TimeToOOM = harness.TimeToOOM{AtLeast: harness.Duration(48 * 3600e9), Limit: harness.GiB}
	})
	if !slices.ContainsFunc(v.Reasons, func(r harness.Reason) bool { return strings.Contains(r.Text, "it fills 1 GiB in 2h39m13s, between") }) {
		t.Errorf("no reason with the time that heap and stacks take: %+v", v.Reasons)
	}
}
