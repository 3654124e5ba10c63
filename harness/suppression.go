package harness

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Suppression is a leak that is known and let pass until a date, so that a build
// does not wait for its remedy.
type Suppression struct {
	// Fingerprint is that of a site in the blame.
	Fingerprint Fingerprint `json:"fingerprint" yaml:"fingerprint"`
	// Reason says why the leak is let pass, and where it is followed up.
	Reason string `json:"reason" yaml:"reason"`
	// Until is the last day, UTC, on which it is: 2026-12-31.
	Until string `json:"until" yaml:"until"`
}

// Fingerprint is the identity of a leak across runs and builds: 12 hexadecimal
// digits. A type of its own, so that one like 123456789012 needs no quotes in YAML.
type Fingerprint string

var fingerprintForm = regexp.MustCompile(`^[0-9a-f]{12}$`)

// UnmarshalText reads a fingerprint as a report prints it.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	if !fingerprintForm.Match(text) {
		return fmt.Errorf("%q is not a fingerprint: want the 12 hexadecimal digits of a report", text)
	}
	*f = Fingerprint(text)
	return nil
}

// MarshalText writes the fingerprint as it is.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f), nil }

func (s Suppression) validate(c *checker, path string) {
	c.want(fingerprintForm.MatchString(string(s.Fingerprint)), path+".fingerprint", string(s.Fingerprint), "12 hexadecimal digits, as in a report")
	c.want(s.Reason != "", path+".reason", s.Reason, "why the leak is let pass")
	_, err := time.Parse(time.DateOnly, s.Until)
	c.want(err == nil, path+".until", s.Until, "the last day on which the leak is let pass, such as 2026-12-31")
}

// SuppressionState is what a run showed of a suppression.
type SuppressionState string

// The states of a suppression. Where all else is as expected, one that is
// unmatched fails the run: the leak is gone, and what would hide its return goes
// as well. One that has expired always does.
const (
	Matched   SuppressionState = "matched"
	Unmatched SuppressionState = "unmatched"
	Expired   SuppressionState = "expired"
)

// SuppressionResult is a suppression and what a run showed of it.
type SuppressionResult struct {
	Fingerprint Fingerprint      `json:"fingerprint"`
	State       SuppressionState `json:"state"`
}

// suppressionResults is what the run showed of each suppression of its scenario.
func (r Record) suppressionResults() []SuppressionResult {
	var results []SuppressionResult
	for _, s := range r.Spec.Suppressions {
		state := Unmatched
		if s.expired(r.StartedAt) {
			state = Expired
		} else if slices.ContainsFunc(r.Variants, func(v Result) bool { return v.leaksUnexpectedly() && slices.ContainsFunc(v.Blame, s.matches) }) {
			state = Matched
		}
		results = append(results, SuppressionResult{Fingerprint: s.Fingerprint, State: state})
	}
	return results
}

// suppressed tells whether a variant failed by a leak of which every notable site
// is suppressed on the day of the run, and by nothing else.
func (r Record) suppressed(v Result) bool {
	sites := v.NotableSites()
	if !v.leaksUnexpectedly() || v.Death != nil || len(sites) == 0 {
		return false
	}
	for _, reason := range v.Verdict.Reasons {
		if slices.Contains(notOfASite, reason.Code) {
			return false
		}
	}
	for _, site := range sites {
		applies := func(s Suppression) bool { return s.matches(site) && !s.expired(r.StartedAt) }
		if !slices.ContainsFunc(r.Spec.Suppressions, applies) {
			return false
		}
	}
	return true
}

// leaksUnexpectedly tells whether a variant leaks, at sites that a profile shows,
// and should not.
func (v Result) leaksUnexpectedly() bool {
	sited := v.Verdict.Class == Leak || v.Verdict.Class == Goroutine
	return sited && v.Verdict.Outcome == Fail && v.Expect.OrDefault() == ExpectClean
}

// notOfASite are the codes of reasons to fail that no site of a leak accounts for.
var notOfASite = []string{"off-heap", "peak", "rss", "churn", "gc-cpu", MemoryCeiling}

// notableShare is the share of the growth from which on a site is notable. Smaller
// ones come and go with the sampling of profiles; so a second leak is seen beside
// a suppressed one once it is a tenth of the growth.
const notableShare = 0.1

// NotableSites is the sites that a leak is known by: the first, and those that
// grew for certain and by a notable share.
func (v Result) NotableSites() []Blame {
	var sites []Blame
	for i, b := range v.Blame {
		certain := b.BytesPerRequestLow == nil || *b.BytesPerRequestLow > 0
		if i == 0 || certain && b.Share >= notableShare {
			sites = append(sites, b)
		}
	}
	return sites
}

// matches tells whether a suppression is of a site.
func (s Suppression) matches(site Blame) bool { return string(s.Fingerprint) == site.Fingerprint }

// expired tells whether the last day of a suppression is over at a time.
func (s Suppression) expired(at time.Time) bool { return at.UTC().Format(time.DateOnly) > s.Until }
