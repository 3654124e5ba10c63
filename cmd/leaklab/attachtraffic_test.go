package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
)

// sendTo keeps a service busy until the test ends.
func sendTo(t *testing.T, method, url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			request, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("%s/notes/%d", url, i), nil)
			if err != nil {
				return
			}
			if answer, err := http.DefaultClient.Do(request); err == nil {
				answer.Body.Close()
			}
			time.Sleep(time.Millisecond) // a load, and not all of the machine
		}
	}()
}

// Traffic from elsewhere is judged per KiB that the service allocates, or per unit
// of a counter; what grows is left open unless the keys are declared.
func TestAttachToTrafficFromElsewhere(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	service := startService(t)
	sendTo(t, http.MethodPost, service)
	counted := 0.0
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		counted += 200
		fmt.Fprintf(w, "# TYPE notes_total counter\nnotes_total{kind=\"new\"} %g\n", counted)
	}))
	t.Cleanup(metrics.Close)
	for name, test := range map[string]struct {
		args []string
		axis string
		want harness.ExitCode
	}{
		"allocations": {nil, kibAllocated, harness.ExitInconclusive},
		"a counter, past the keys": {[]string{"--count-from", metrics.URL + `#notes_total{kind="new"}`, "--keys", "100"},
			`notes_total{kind="new"}`, harness.ExitLeak},
		"the same, told and no failure": {[]string{"--count-from", metrics.URL + `#notes_total{kind="new"}`, "--keys", "100", "--report-only"},
			`notes_total{kind="new"}`, harness.ExitPass},
	} {
		dir := t.TempDir()
		args := []string{"--url", service, "--load", "none", "--segment-time", "100ms", "--segment", "50", "--max-time", "20s", "--force", "--out", dir, "--quiet"}
		out, code, err := runAttach(t, "", append(args, test.args...)...)
		if code != test.want {
			t.Errorf("%s: exit code %d, %v, want %d:\n%s", name, code, err, test.want, out)
		}
		record, readErr := journal.Read(dir)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if leaks := record.ExitCode() == harness.ExitLeak; leaks != (len(test.args) > 0) {
			t.Errorf("%s: the record's exit code is %d", name, record.ExitCode())
		}
		if v := record.Variants[0]; v.Axis != test.axis || v.Load.Requests != 0 {
			t.Errorf("%s: axis %q, %d requests sent; want %q and none", name, v.Axis, v.Load.Requests, test.axis)
		}
	}
}
