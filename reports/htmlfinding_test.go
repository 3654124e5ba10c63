package reports

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// More requests do not help where each of them fails.
func TestStepOfFailedRequests(t *testing.T) {
	r := story(t, "inconclusive")
	v := r.Variants[4]
	if first := steps(r, v, Options{}, htmlFinding{})[0].Text; !strings.Contains(first, "more requests") {
		t.Errorf("inconclusive: %q", first)
	}
	v.Load.Errors = v.Load.Requests
	if first := steps(r, v, Options{}, htmlFinding{})[0].Text; !strings.Contains(first, "a status below 400") {
		t.Errorf("all requests failed: %q", first)
	}
}

// Goroutines are started, bytes are allocated: neither stands below the other's word.
func TestSitesByWhatWasDoneThere(t *testing.T) {
	r := story(t, "run")
	v := &r.Variants[0]
	goroutines := v.Blame[0]
	goroutines.GrowthGoroutines = 7
	v.Blame = []harness.Blame{goroutines, v.Blame[0], v.Blame[0]}
	v.Expect, v.AsExpected = harness.ExpectClean, false
	var page strings.Builder
	if err := HTML(&page, r, Options{}); err != nil {
		t.Fatal(err)
	}
	_, card, _ := strings.Cut(page.String(), "<dt>started at</dt>")
	started, allocated, _ := strings.Cut(card, "<dt>allocated at</dt>")
	if sites := strings.Count(started, `<p class="site">`); sites != 1 {
		t.Errorf("%d sites where goroutines were started, want 1", sites)
	}
	if allocated, _, _ = strings.Cut(allocated, "</dl>"); strings.Count(allocated, `<p class="site">`) != 2 {
		t.Errorf("sites of bytes:\n%s", allocated)
	}
}

// The interval's lower end is the bound of the verdict's own sentence: both name
// the same probability.
func TestIntervalAgreesWithTheReason(t *testing.T) {
	v := harness.Verdict{SlopeBytesPerRequest: new(759.0), SlopeLow: new(745.0), SlopeHigh: new(773.0)}
	if got, want := interval(v, ""), "745–773 B a request, each end at 99 %"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
