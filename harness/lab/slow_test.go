//go:build unix

package lab_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
)

// slow is a service that answers eight requests at a time, 4 ms each, and leaks or not.
func slow(t *testing.T, leaks bool) *elsewhere {
	t.Helper()
	turns := make(chan struct{}, 8)
	s := serving(t, func(int64, http.ResponseWriter, *http.Request) {
		turns <- struct{}{}
		time.Sleep(4 * time.Millisecond)
		<-turns
	})
	if !leaks {
		s.read = func(int) (gauge.Reading, error) { return heap(1<<20, 1000), nil }
	}
	return s
}

// A service that would answer nothing but the warm-up in the time of the run gets as
// much as it has time for, and a verdict.
func TestSlowTargetGetsAVerdict(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	t.Parallel()
	for name, test := range map[string]struct {
		leaks  bool
		want   harness.Outcome
		driver harness.Driver
	}{
		"leaks": {true, harness.Fail, harness.PerRequest},
		"clean": {false, harness.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const perSecond = 1500 // or some less
			p := plan("clean")
			p.Stream = numbered{}
			p.Variants[0].Gauge = harness.GaugePprof
			l := &p.Scenario.Load
			l.Rate, l.WarmUp, l.Segment, l.MaxTime = 20_000, 60_000, 1000, harness.Duration(15*time.Second)
			*l, _ = lab.Pace{PerSecond: perSecond, Latency: 4 * time.Millisecond}.Fit(*l, 1)
			p.Pace = perSecond
			record, err := lab.Run(t.Context(), p, lab.Parts{Targets: slow(t, test.leaks), Journal: journal.InMemory()})
			if err != nil {
				t.Fatal(err)
			}
			v := record.Variants[0]
			if v.Verdict.Outcome != test.want || v.Verdict.Driver != test.driver {
				t.Errorf("%s by %q: %+v; want %s by %q", v.Verdict.Outcome, v.Verdict.Driver, v.Verdict.Reasons, test.want, test.driver)
			}
			if rate := v.Load.RatePerSecond; rate > 2000 {
				t.Errorf("it is said to hold %.0f requests a second, and can answer 2000", rate)
			}
			if !slices.ContainsFunc(record.Warnings, func(w harness.Warning) bool {
				return w.Code == "load-cut" && strings.Contains(w.Text, "the warm-up was cut to 1 725 requests and segments to 225")
			}) {
				t.Errorf("warnings %+v, want what was cut", record.Warnings)
			}
			if record.Seconds > 20 {
				t.Errorf("a run of %.0f s, want no more than 15 and what ends it", record.Seconds)
			}
		})
	}
}
