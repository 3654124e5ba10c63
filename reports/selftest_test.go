package reports

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestSelfTest(t *testing.T) {
	const pass, fail, open = harness.Pass, harness.Fail, harness.Inconclusive
	for _, test := range []struct {
		leak, twin harness.Outcome
		head, why  string
	}{
		{fail, pass, "self-test ok, 1.9 s", ""},
		{open, pass, "self-test inconclusive, 1.9 s", ""},
		{pass, pass, "SELF-TEST FAILED, 1.9 s", "took a planted leak for clean, twice"},
		{fail, fail, "SELF-TEST FAILED, 1.9 s", "took a clean program for a leak, twice"},
		{pass, fail, "SELF-TEST FAILED, 1.9 s", "took a planted leak for clean and its clean twin for a leak, twice"},
	} {
		s := &harness.SelfTest{PlantedLeak: test.leak, CleanTwin: test.twin, Seconds: 1.9}
		if got := selfTest(s); got != test.head {
			t.Errorf("%+v: %q, want %q", s, got, test.head)
		}
		if why := untrusted(s); !strings.HasSuffix(why, test.why) || (why == "") != (test.why == "") {
			t.Errorf("%+v: %q, want %q", s, why, test.why)
		}
	}
	if got := selfTest(nil) + untrusted(nil); got != "no self-test" {
		t.Errorf("without one: %q", got)
	}
}
