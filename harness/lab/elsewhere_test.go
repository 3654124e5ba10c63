//go:build unix

package lab_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/judge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/target"
)

// elsewhere is a service that was there before the lab: its readings are made up.
type elsewhere struct {
	url string
	// read makes the n-th reading.
	read     func(n int) (gauge.Reading, error)
	readings int
}

func (e *elsewhere) Start(context.Context, harness.Variant, backend.Endpoints) (lab.Target, error) {
	return e, nil
}
func (e *elsewhere) URL() string              { return e.url }
func (e *elsewhere) Gauge() lab.Gauge         { return e }
func (e *elsewhere) Done() <-chan struct{}    { return nil }
func (e *elsewhere) Exit() target.Exit        { return target.Exit{} }
func (e *elsewhere) Stop(time.Duration) error { return nil }
func (e *elsewhere) Close()                   {}

func (e *elsewhere) Checkpoint(context.Context) (gauge.Reading, error) {
	r, err := e.read(e.readings)
	e.readings++
	return r, err
}

func (e *elsewhere) Prewarm(context.Context) error                        { return nil }
func (e *elsewhere) Sample(context.Context) (harness.Sample, error)       { return harness.Sample{}, nil }
func (e *elsewhere) HeapProfile(context.Context) ([]byte, error)          { return nil, nil }
func (e *elsewhere) GoroutineProfile(context.Context) ([]byte, error)     { return nil, nil }
func (e *elsewhere) GoroutineStacks(context.Context) ([]byte, error)      { return nil, nil }
func (e *elsewhere) GoroutineLeakProfile(context.Context) ([]byte, error) { return nil, nil }
func (e *elsewhere) Stream(ctx context.Context, _ time.Duration, _ func(harness.Sample)) error {
	<-ctx.Done()
	return nil
}

// heap is a reading of a live heap.
func heap(bytes, objects int64) gauge.Reading {
	return gauge.Reading{Checkpoint: harness.Checkpoint{LiveHeapBytes: bytes, LiveObjects: objects}, Settled: true}
}

// observe judges a service whose traffic comes from elsewhere and is counted so.
func observe(t *testing.T, e *elsewhere, maxTime time.Duration, count func(n int) float64) harness.Record {
	t.Helper()
	n := 0
	e.url = "http://127.0.0.1:1" // is never asked
	p := plan("clean")
	p.Variants[0].Gauge = harness.GaugePprof
	p.Scenario.Replay = harness.ReplayNever
	p.Scenario.Load.MaxTime = harness.Duration(maxTime)
	p.Traffic = &lab.Traffic{Unit: "jobs_total", Every: time.Millisecond, Count: func(context.Context) (float64, error) {
		n++
		return count(n - 1), nil
	}}
	record, err := lab.Run(t.Context(), p, lab.Parts{Targets: e, Journal: journal.InMemory()})
	if err != nil {
		t.Fatal(err)
	}
	again := judge.Final(judge.In(record, 0))
	if diff := cmp.Diff(record.Variants[0].Verdict, again); diff != "" {
		t.Errorf("the verdict that follows from the record (-first +again):\n%s", diff)
	}
	return record
}

func TestTrafficFromElsewhere(t *testing.T) {
	t.Parallel()
	quiet := &elsewhere{read: func(int) (gauge.Reading, error) { return heap(1<<20, 1000), nil }}
	// The count moves by less than a segment at a time, and began long ago.
	record := observe(t, quiet, 20*time.Second, func(n int) float64 { return 5000 + 15*float64(n) })
	v := record.Variants[0]
	if v.Verdict.Outcome != harness.Pass || v.Axis != "jobs_total" || !strings.Contains(v.Verdict.Reasons[0].Text, "per jobs_total up to") {
		t.Errorf("%s on the axis %q: %+v; want a pass for each of jobs_total", v.Verdict.Outcome, v.Axis, v.Verdict.Reasons)
	}
	if v.Load.Requests != 0 || v.Load.WarmUpRequests < 5000 || v.Load.WarmUpRequests > 5200 {
		t.Errorf("load %+v, want none, after the 5000 that the count began with", v.Load)
	}
	for i, c := range v.Checkpoints[1:] {
		if step := c.Requests - v.Checkpoints[i].Requests; step < 40 || step > 55 {
			t.Errorf("checkpoint %d is %d after the one before, want the 40 of a segment", i+1, step)
		}
	}

	growing := &elsewhere{read: func(n int) (gauge.Reading, error) { return heap(int64(1<<20+40_000*n), int64(1000+40*n)), nil }}
	record = observe(t, growing, 20*time.Second, func(n int) float64 { return 50 * float64(n) })
	reasons := record.Variants[0].Verdict.Reasons
	open := slices.ContainsFunc(reasons, func(r harness.Reason) bool {
		return r.Code == "driver-unknown" && strings.Contains(r.Text, "per jobs_total") && strings.Contains(r.Unit, "/jobs_total")
	})
	if record.Variants[0].Verdict.Outcome != harness.Inconclusive || !open {
		t.Errorf("growth with load from elsewhere: %s: %+v; want it open whether new keys pay for it", record.Variants[0].Verdict.Outcome, reasons)
	}
}

func TestTooLittleTraffic(t *testing.T) {
	t.Parallel()
	e := &elsewhere{read: func(int) (gauge.Reading, error) { return heap(1<<20, 1000), nil }}
	record := observe(t, e, 300*time.Millisecond, func(int) float64 { return 7 })
	warned := slices.ContainsFunc(record.Warnings, func(w harness.Warning) bool { return w.Code == "little-traffic" })
	if record.ExitCode() != harness.ExitInconclusive || !warned {
		t.Errorf("exit %d, warnings %+v; want an inconclusive run and why", record.ExitCode(), record.Warnings)
	}
}

// A service that the lab did not start is gone or another one, and not hung.
func TestEndOfAServiceFromElsewhere(t *testing.T) {
	t.Parallel()
	ends := func(err error) func(int) (gauge.Reading, error) {
		return func(n int) (gauge.Reading, error) {
			if n > 3 {
				return gauge.Reading{}, err
			}
			return heap(1<<20, 1000), nil
		}
	}
	rising := func(n int) float64 { return 50 * float64(n) }
	for name, test := range map[string]struct {
		read  func(int) (gauge.Reading, error)
		count func(int) float64
		want  string
	}{
		"gone":      {ends(fmt.Errorf("x: %w", gauge.ErrGone)), rising, harness.Gone},
		"restarted": {ends(fmt.Errorf("x: %w", gauge.ErrRestarted)), rising, harness.Restarted},
		"hung":      {ends(errors.New("silent")), rising, harness.Hung},
		"the count fell": {ends(nil), func(n int) float64 {
			return map[bool]float64{true: 50 * float64(n), false: 0}[n < 8]
		}, harness.Restarted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := observe(t, &elsewhere{read: test.read}, 20*time.Second, test.count)
			if v := record.Variants[0]; v.Death == nil || v.Death.Cause != test.want || record.ExitCode() != harness.ExitNotRun {
				t.Errorf("%+v, exit %d; want it %s, and exit %d", v.Death, record.ExitCode(), test.want, harness.ExitNotRun)
			}
		})
	}
}

// A target without a probe is pre-warmed by a burst, which is part of the warm-up
// and whose requests never come again.
func TestBurst(t *testing.T) {
	t.Parallel()
	for _, gauged := range []harness.GaugeKind{harness.GaugePprof, harness.GaugeProbe} {
		var mu sync.Mutex
		seen, connections := map[string]int{}, map[string]bool{}
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			seen[r.URL.Path]++
			connections[r.RemoteAddr] = true
		}))
		t.Cleanup(server.Close)
		e := &elsewhere{url: server.URL, read: func(int) (gauge.Reading, error) { return heap(1<<20, 1000), nil }}
		p := plan("clean")
		p.Variants[0].Gauge = gauged
		p.Stream = numbered{}
		p.Scenario.Load.Segments.Max = p.Scenario.Load.Segments.Min
		p.Scenario.Load.FirstSegment = p.Scenario.Load.Segment - 1
		record, err := lab.Run(t.Context(), p, lab.Parts{Targets: e, Journal: journal.InMemory()})
		if err != nil {
			t.Fatal(err)
		}
		burst, opened := 0, 8
		if gauged == harness.GaugePprof {
			burst, opened = lab.BurstRequests, lab.BurstConnections
		}
		load := record.Variants[0].Load
		if want := burst + p.Scenario.Load.WarmUp + p.Scenario.Load.FirstSegment; load.WarmUpRequests != want {
			t.Errorf("%s: %d requests before the first that count, want %d", gauged, load.WarmUpRequests, want)
		}
		if len(connections) < opened {
			t.Errorf("%s: %d connections, want at least %d", gauged, len(connections), opened)
		}
		if first := seen["/0"]; first != 1 || len(seen) < load.WarmUpRequests+load.Requests {
			t.Errorf("%s: request 0 came %d times, %d different ones in all; want once, and all of %d", gauged, first, len(seen), load.WarmUpRequests+load.Requests)
		}
	}
}

// numbered is a stream whose requests all differ.
type numbered struct{}

func (numbered) Request(i int) harness.Request {
	return harness.Request{Method: http.MethodGet, Path: fmt.Sprintf("/%d", i)}
}

func (numbered) Check(_, status int, _ []byte) harness.Answer {
	if status >= http.StatusInternalServerError {
		return harness.Failed
	}
	return harness.Unchecked
}

// A target that fails all of the warm-up, for which the time is used up, was not
// measured, and the record says why.
func TestNothingButAFailingWarmUp(t *testing.T) {
	t.Parallel()
	e := &elsewhere{url: "http://127.0.0.1:1", read: func(int) (gauge.Reading, error) { return heap(1<<20, 1000), nil }}
	p := plan("clean")
	p.Scenario.Load.Rate, p.Scenario.Load.MaxTime = 50, harness.Duration(300*time.Millisecond)
	record, err := lab.Run(t.Context(), p, lab.Parts{Targets: e, Journal: journal.InMemory()})
	if err != nil {
		t.Fatal(err)
	}
	v := record.Variants[0]
	if record.ExitCode() != harness.ExitNotRun || v.Load.Requests == 0 || !strings.Contains(v.Verdict.Reasons[0].Text, "nothing was measured: ") {
		t.Errorf("exit %d, load %+v, %+v; want exit %d and how the warm-up failed", record.ExitCode(), v.Load, v.Verdict.Reasons, harness.ExitNotRun)
	}
}
