package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// What measured too little ends with what to do about it.
func TestResultHint(t *testing.T) {
	o := runOptions{command: []string{"leaklab", "run", "./slow.yaml"}}
	few := []harness.Reason{{Code: "few-checkpoints"}}
	for name, test := range map[string]struct {
		failed, unanswered int // of 100 requests
		reasons            []harness.Reason
		interrupted        bool
		want               string // of the hint; empty is none
	}{
		"none failed":            {},
		"half failed":            {failed: 50},
		"most were refused":      {failed: 51, unanswered: 20, want: "below 400"},
		"most had no answer":     {failed: 100, unanswered: 60, want: "load.timeout is the most time for a request, here 10s"},
		"too few segments":       {reasons: few, want: "leaklab run with more time than --max-time 40s, or with fewer requests than --warm-up 400 and --segment 40"},
		"interrupted before any": {reasons: few, interrupted: true},
	} {
		v := harness.Result{Verdict: harness.Verdict{Reasons: test.reasons}}
		v.Load.Requests, v.Load.Errors, v.Load.Statuses = 100, test.failed, map[int]int{0: test.unanswered, 500: test.failed - test.unanswered}
		r := harness.Record{Complete: !test.interrupted, Variants: []harness.Result{{}, v}}
		r.Spec.Load = harness.Load{WarmUp: 400, Segment: 40, MaxTime: harness.Duration(40e9), Timeout: harness.Duration(10e9)}
		attached := runOptions{command: []string{"leaklab", "attach"}}
		const fewer = "leaklab attach with more time than --max-time 40s, or with less than --segment 40" // it has no --warm-up
		if hint := attached.resultHint(r); len(test.reasons) > 0 && !test.interrupted && hint != fewer {
			t.Errorf("%s: hint of attach %q, want %q", name, hint, fewer)
		}
		if hint := o.resultHint(r); !strings.Contains(hint, test.want) || test.want == "" && hint != "" {
			t.Errorf("%s: hint %q, want %q", name, hint, test.want)
		}
	}
}

// What to do about a failure follows from its cause, whatever it says.
func TestHintOf(t *testing.T) {
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for name, test := range map[string]struct{ url, want string }{
		"nobody listens": {dead.URL, "is the service running"},
		"no TLS":         {strings.Replace(plain.URL, "http:", "https:", 1), "speaks no TLS"},
		"certificate":    {secure.URL, "--insecure"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, ofClient := http.DefaultClient.Do(request)
		_, ofTransport := http.DefaultTransport.RoundTrip(request)
		for _, cause := range []error{ofClient, fmt.Errorf("gauge: %w", ofTransport)} {
			if hint := hintOf(cause, "else"); !strings.Contains(hint, test.want) {
				t.Errorf("%s: hint %q of %v, want %q", name, hint, cause, test.want)
			}
		}
	}
	nowhere := &net.OpError{Op: "dial", Err: &net.DNSError{Name: "shop", IsNotFound: true}}
	if hint := hintOf(nowhere, "else"); !strings.Contains(hint, "is this its address?") {
		t.Errorf("hint %q of %v", hint, nowhere)
	}
	said := errors.New(`500: "pq: dial tcp: connection refused, x509: no such host"`)
	for _, cause := range []error{said, nil, &net.OpError{Op: "read", Err: said}} {
		if hint := hintOf(cause, "else"); hint != "else" {
			t.Errorf("hint %q of %v, want none of its own", hint, cause)
		}
	}
}

// What a service says on purpose can be made an answer, where it is no failure of its own.
func TestAcceptHint(t *testing.T) {
	for _, test := range []struct {
		statuses map[int]int
		want     string
	}{
		{nil, ""},
		{map[int]int{0: 9, 200: 40, 500: 50}, ""},
		{map[int]int{0: 90, 404: 5, 200: 40, 503: 70}, ", or, where that is what it should say, --accept 404"},
		{map[int]int{401: 7, 404: 5, 429: 6}, ", or, where that is what it should say, --accept 401"},
	} {
		if got := acceptHint("--accept %d", test.statuses); got != test.want {
			t.Errorf("%v: %q, want %q", test.statuses, got, test.want)
		}
	}
}

// What did not start names what to change, or where its output is.
func TestStartHint(t *testing.T) {
	silent, wordy := t.TempDir(), t.TempDir()
	for file, text := range map[string]string{filepath.Join(silent, "a.log"): "", filepath.Join(wordy, "a.log"): "no such table"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ err, dir, want string }{
		{"waited for connections to be accepted at 127.0.0.1:1", silent, "must listen at 127.0.0.1:{{app_port}}"},
		{"waited for connections to be accepted at 127.0.0.1:1", wordy, "all that it printed is in " + filepath.Join(wordy, "a.log")},
		{"404; want net/http/pprof in the service", wordy, "--pid PID judges the footprint"},
		{"status 400: Client sent an HTTP request to an HTTPS server.", wordy, "leaklab attach --url https://"},
	} {
		if hint := (runOptions{}).startHint(errors.New(test.err), test.dir); !strings.Contains(hint, test.want) {
			t.Errorf("%s: hint %q, want %q", test.err, hint, test.want)
		}
	}
}
