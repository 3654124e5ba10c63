package compare

import (
	"fmt"
	"slices"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Accept gives the suppressions that let the leaks of a run pass until a number
// of days after it began, so that only what is new fails from then on. It leaves
// out what a suppression of the scenario names already. refused names the
// variants that fail all the same: by what no site of a leak accounts for, or by
// a suppression that has expired.
func Accept(r harness.Record, reason string, days int) (accepted []harness.Suppression, refused []string) {
	until := r.StartedAt.UTC().AddDate(0, 0, days).Format(time.DateOnly)
	if reason == "" {
		reason = "known since " + r.StartedAt.UTC().Format(time.DateOnly)
	}
	known := slices.Clone(r.Spec.Suppressions)
	for _, v := range r.Variants {
		if v.AsExpected || !leaking(v) {
			continue
		}
		for _, site := range v.NotableSites() {
			s := harness.Suppression{
				Fingerprint: harness.Fingerprint(site.Fingerprint),
				Reason:      fmt.Sprintf("%s: %s leaks in %s", reason, v.Name, site.Function),
				Until:       until,
			}
			if !slices.ContainsFunc(known, func(k harness.Suppression) bool { return k.Fingerprint == s.Fingerprint }) {
				known, accepted = append(known, s), append(accepted, s)
			}
		}
	}
	r.Variants = slices.Clone(r.Variants)
	r.Spec.Suppressions = known
	r.Conclude()
	for _, v := range r.Variants {
		if v.Verdict.Outcome == harness.Fail && !v.AsExpected {
			refused = append(refused, v.Name)
		}
	}
	return accepted, refused
}
