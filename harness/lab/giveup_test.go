//go:build unix

package lab_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
)

// serving is a service from elsewhere that answers, and whose live heap grows with
// its requests.
func serving(t *testing.T, answer func(n int64, w http.ResponseWriter, r *http.Request)) *elsewhere {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(requests.Add(1), w, r)
	}))
	t.Cleanup(server.Close)
	return &elsewhere{url: server.URL, read: func(int) (gauge.Reading, error) {
		n := requests.Load()
		return heap(1<<20+1000*n, 1000+n), nil
	}}
}

// A leak that was said stays one where the service fails in the flood that is to
// confirm it, whether it refuses or hangs, and the run ends with that.
func TestFloodThatFails(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	t.Parallel()
	const enough = 1500 // more than before the flood, and less than at its end
	for name, fail := range map[string]func(w http.ResponseWriter, r *http.Request){
		"refuses": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "too many", http.StatusBadGateway) },
		"hangs":   func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := serving(t, func(n int64, w http.ResponseWriter, r *http.Request) {
				if n > enough {
					fail(w, r)
				}
			})
			p := plan("clean")
			p.FirstVerdict = false
			p.Stream = numbered{}
			p.Scenario.Load.MaxTime = harness.Duration(5 * time.Minute)
			record, err := lab.Run(t.Context(), p, lab.Parts{Targets: e, Journal: journal.InMemory()})
			if err != nil {
				t.Fatal(err)
			}
			v := record.Variants[0]
			if v.Verdict.Outcome != harness.Fail || v.Verdict.Class != harness.Leak || v.Death != nil || !record.Complete {
				t.Errorf("%s %s, death %+v, complete %t; want the leak that was said", v.Verdict.Outcome, v.Verdict.Class, v.Death, record.Complete)
			}
			if !slices.ContainsFunc(record.Warnings, func(w harness.Warning) bool {
				return w.Code == "round-failed" && strings.Contains(w.Text, "clean: the confirming flood ended at ") && strings.Contains(w.Text, "request ")
			}) {
				t.Errorf("warnings %+v, want one of the flood with its first error", record.Warnings)
			}
			if last := v.Checkpoints[len(v.Checkpoints)-1]; last.Requests > enough || record.Seconds > 60 {
				t.Errorf("%.0f s, a checkpoint at %d requests; want no round after the one that failed", record.Seconds, last.Requests)
			}
		})
	}
}

// A variant that hangs or refuses from the start ends alone, and with the first
// timeouts of its warm-up.
func TestNoAnswerInTheWarmUp(t *testing.T) {
	t.Parallel()
	hanging := serving(t, func(_ int64, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	refusing := serving(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) })
	answering := serving(t, func(int64, http.ResponseWriter, *http.Request) {})
	p := plan("hanging", "refusing", "answering")
	p.Scenario.Load.Timeout = harness.Duration(500 * time.Millisecond)
	p.Scenario.Load.WarmUp = 160 // 20 timeouts of each connection
	p.Stream = numbered{}
	record, err := lab.Run(t.Context(), p, lab.Parts{
		Targets: several{"hanging": hanging, "refusing": refusing, "answering": answering}, Journal: journal.InMemory(),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, most := range []int{16, 160} {
		v := record.Variants[i]
		if v.Load.Requests > most || v.Load.Errors != v.Load.Requests || v.Load.Errors == 0 || len(v.Checkpoints) > 0 {
			t.Errorf("%s: %d requests, %d errors, %d checkpoints; want no more than %d requests, all errors, and no checkpoint",
				v.Name, v.Load.Requests, v.Load.Errors, len(v.Checkpoints), most)
		}
		if v.Verdict.Outcome != harness.Inconclusive || !strings.Contains(v.Verdict.Reasons[0].Text, "nothing was measured: ") {
			t.Errorf("%s: %+v, want why it was not measured", v.Name, v.Verdict)
		}
	}
	if v := record.Variants[2]; v.Verdict.Outcome != harness.Fail || v.Load.Errors > 0 {
		t.Errorf("answering: %+v, %d errors; want a leak all the same", v.Verdict, v.Load.Errors)
	}
	if record.ExitCode() != harness.ExitNotRun {
		t.Errorf("exit %d, want %d", record.ExitCode(), harness.ExitNotRun)
	}
}

// several is a service from elsewhere for each variant.
type several map[string]*elsewhere

func (s several) Start(_ context.Context, v harness.Variant, _ backend.Endpoints) (lab.Target, error) {
	return s[v.Name], nil
}

// Errors for a time end nothing: a backend that was away comes back.
func TestErrorsForATimeEndNothing(t *testing.T) {
	t.Parallel()
	e := serving(t, func(n int64, w http.ResponseWriter, _ *http.Request) {
		if n > 1 && n <= 220 { // the rest of the warm-up, and the first segments
			http.Error(w, "no backend", http.StatusBadGateway)
		}
	})
	p := plan("clean")
	p.Stream = numbered{}
	record, err := lab.Run(t.Context(), p, lab.Parts{Targets: e, Journal: journal.InMemory()})
	if err != nil {
		t.Fatal(err)
	}
	if v := record.Variants[0]; v.Verdict.Outcome != harness.Fail || v.Load.Errors == 0 || v.Death != nil {
		t.Errorf("%+v, load %+v, death %+v; want the leak that is there after some errors", v.Verdict, v.Load, v.Death)
	}
}

// resident is a service whose live heap is more than what is resident of it.
type resident struct{ *elsewhere }

func (r resident) Start(context.Context, harness.Variant, backend.Endpoints) (lab.Target, error) {
	return r, nil
}
func (r resident) Gauge() lab.Gauge { return r }

func (r resident) Sample(context.Context) (harness.Sample, error) {
	now, _ := r.read(0)
	return harness.Sample{HeapBytes: now.LiveHeapBytes, LiveHeapBytes: now.LiveHeapBytes, RSSBytes: new(int64(1 << 20))}, nil
}

// What is live counts against the ceiling though it is not resident, but for what was
// so from the start.
func TestCeilingOfUntouchedMemory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		perRequest int64
		want       string
	}{
		"grows":     {1 << 20, harness.MemoryCeiling},
		"a ballast": {0, ""},
	} {
		var requests atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
		t.Cleanup(server.Close)
		const ballast = 4 << 30
		e := &elsewhere{url: server.URL, read: func(int) (gauge.Reading, error) {
			n := requests.Load()
			return heap(ballast+test.perRequest*n, 1000), nil
		}}
		p := plan("clean")
		p.Scenario.MemoryCeiling = 256 * harness.MiB
		p.Stream = numbered{}
		record, err := lab.Run(t.Context(), p, lab.Parts{Targets: resident{e}, Journal: journal.InMemory()})
		if err != nil {
			t.Fatal(err)
		}
		cause, evidence := "", ""
		if d := record.Variants[0].Death; d != nil {
			cause, evidence = d.Cause, d.Evidence
		}
		if cause != test.want || cause != "" && !strings.HasPrefix(evidence, "the live heap reached 2") {
			t.Errorf("%s: ended by %q: %s; want %q", name, cause, evidence, test.want)
		}
	}
}
