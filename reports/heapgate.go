package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// heapGate says what a gate would have said that compares nothing but the live
// heap at the end with that at the start, as many do: of a closed loop with a
// budget of growth. Empty for any other run. It takes garbage that is not yet
// collected for a leak where it reads without a collection, and passes what leaks
// less than the budget in the time that it is given.
func heapGate(r harness.Record) string {
	budget := r.Spec.Budget.Growth.Bytes
	if budget == 0 || !r.Spec.Load.Rate.IsMax() {
		return ""
	}
	var fails, passes, differs []string
	for _, v := range r.Variants {
		grown := v.Verdict.GrowthBytes
		if grown == nil {
			continue
		}
		over := *grown > int64(budget)
		text := fmt.Sprintf("%s (%s)", safe(v.Name), bytesOf(*grown))
		if over {
			fails = append(fails, text)
		} else {
			passes = append(passes, text)
		}
		if v.Verdict.Outcome == harness.Inconclusive || over != (v.Verdict.Outcome == harness.Fail) {
			differs = append(differs, safe(v.Name))
		}
	}
	if len(fails)+len(passes) == 0 {
		return ""
	}
	agreement := "the verdicts say the same"
	if len(differs) > 0 {
		agreement = "the verdicts differ on " + strings.Join(differs, ", ")
	}
	return fmt.Sprintf("a gate on the last live heap less the first, over %s: fails %s; passes %s; %s",
		budget, names(fails), names(passes), agreement)
}

func names(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
