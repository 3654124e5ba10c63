package reports

import (
	"fmt"

	"github.com/leaklab/leaklab/harness"
)

// suppressed says which leak the scenario lets pass, and why.
func suppressed(s harness.Suppression) string {
	return fmt.Sprintf("the leak %s is let pass until %s: %s", safe(string(s.Fingerprint)), safe(s.Until), safe(s.Reason))
}

// unmetSuppressions says which suppressions fail the run, a few of them by name. In
// an inconclusive one, what matched no leak may do so yet.
func unmetSuppressions(r harness.Record) []string {
	const most = 5
	var parts []string
	for _, s := range r.Suppressions {
		switch {
		case s.State == harness.Expired:
			parts = append(parts, fmt.Sprintf("suppression %s has expired", safe(string(s.Fingerprint))))
		case s.State == harness.Unmatched && r.Complete && r.Outcome != harness.Inconclusive:
			parts = append(parts, fmt.Sprintf("suppression %s matches no leak", safe(string(s.Fingerprint))))
		}
	}
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], fmt.Sprintf("%d more suppressions have expired or match no leak", more))
	}
	return parts
}
