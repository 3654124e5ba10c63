package leaktest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
)

// startTime bounds the start of the child process: what the test does before it
// calls Handler, TestMain included, it does there as well.
const startTime = time.Minute

// handlerReserve is what may follow the measurement: 10 s of requests that show
// where a leak is, and the end of the child.
const handlerReserve = 15 * time.Second

// Handler fails the test if a handler leaks. It starts the test binary once more
// to run this very test up to this call; there newHandler is called and what it
// returns is served on a loopback address, so that neither the client's memory nor
// the test's is measured. Nothing after the call runs in that process but what was
// deferred and the test's clean-ups. Here the handler is loaded, read and judged.
//
// Several tests may do so in parallel. Under the race detector the memory outside
// Go's heap is not judged, for it is mostly the detector's.
func Handler(t testing.TB, newHandler func() http.Handler, cfg Config) {
	t.Helper()
	here := nextCall(t)
	if isChild() {
		if here == served {
			serve(t, newHandler)
		}
		return
	}
	if !isTest(t) {
		t.Fatal("leaktest.Handler: runs its test again in another process: call it from a test, not from a benchmark or a fuzz target")
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	spec := cfg.scenario("handler", t.Name())
	spec.Load.MaxTime = harness.Duration(timeLeft(t, time.Duration(spec.Load.MaxTime), handlerReserve))
	j := openJournal(t, here)
	defer j.Close()
	plan := lab.Plan{
		Scenario:  spec,
		Variants:  []lab.Variant{{Variant: spec.Variants[0]}},
		Stream:    stream{cfg},
		Command:   rerun(t),
		Deadlines: lab.Deadlines{Start: startTime},
	}
	record, err := lab.Run(t.Context(), plan, lab.Parts{Targets: children{call: here, dir: j.Dir()}, Journal: j})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("leaktest: nothing was measured: %v", err)
	}
	report(t, record, j.Dir(), requestWords)
}

// isTest tells whether -test.run alone makes a process come to t.
func isTest(t testing.TB) bool {
	switch t.(type) {
	case *testing.B, *testing.F:
		return false
	}
	return true
}
