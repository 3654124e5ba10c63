package reports

import (
	"github.com/leaklab/leaklab/harness"
)

// selfTest says how the gate judged what is known, in a few words.
func selfTest(s *harness.SelfTest) string {
	switch {
	case s == nil:
		return "no self-test"
	case s.Trusted():
		return "self-test ok, " + span(s.Seconds)
	case s.Misjudged():
		return "SELF-TEST FAILED, " + span(s.Seconds)
	}
	return "self-test inconclusive, " + span(s.Seconds)
}

// untrusted says what the gate took for its opposite, and did so again; empty
// where it did not.
func untrusted(s *harness.SelfTest) string {
	if s == nil || !s.Misjudged() {
		return ""
	}
	what := "a planted leak for clean"
	switch {
	case s.PlantedLeak != harness.Pass:
		what = "a clean program for a leak"
	case s.CleanTwin == harness.Fail:
		what += " and its clean twin for a leak"
	}
	return "this gate cannot be trusted here: its self-test took " + what + ", twice"
}
