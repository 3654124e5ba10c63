package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	netpprof "net/http/pprof"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
)

// shop is a service of this process, whose application and profiles are below a
// path, and which changes its mind after a number of requests.
type shop struct {
	prefix   string
	requests atomic.Int64
	after    int64            // requests, zero: never
	then     http.HandlerFunc // answers all of them from then on
	profiles http.HandlerFunc
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(r.URL.Path, s.prefix)
	changed := s.after > 0 && s.requests.Load() >= s.after
	switch {
	case !below:
		http.NotFound(w, r)
	case strings.HasPrefix(path, "/debug/pprof/"):
		r.URL.Path = path
		if s.profiles != nil {
			s.profiles(w, r)
			return
		}
		netpprof.Index(w, r)
	case changed && s.then != nil:
		s.then(w, r)
	default:
		s.requests.Add(1)
		io.WriteString(w, "ok")
	}
}

func TestAttachBelowAPathWithItsOwnCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(&shop{prefix: "/shop"})
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	a := reached(t, attachOptions{url: server.URL + "/shop/", insecure: true, requests: []string{"GET /items/{{seq}}", "GET " + server.URL + "/shop/x"}})
	if a.kind != harness.GaugePprof || a.plan(nil).TLS == nil {
		t.Errorf("gauge %s, TLS %v; want pprof and the certificate let pass", a.kind, a.plan(nil).TLS)
	}
	_, code, err := runAttach(t, "", "--url", server.URL+"/shop", "--request", "GET /items")
	if code != harness.ExitNotRun || !strings.Contains(err.Error(), "x509: ") || !strings.Contains(err.hint, "--insecure") {
		t.Errorf("without --insecure: exit code %d, %v, hint %q; want %d and the way out", code, err, err.hint, harness.ExitNotRun)
	}
}

// A service that cannot be measured says so before it is loaded.
func TestAttachGivesUpEarly(t *testing.T) {
	t.Parallel()
	slow := &shop{profiles: func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(250 * time.Millisecond) // as a service with a large profile does
		netpprof.Index(w, r)
	}}
	for name, test := range map[string]struct {
		service    *shop
		args       []string
		want, hint string
	}{
		"slow profiles":      {slow, nil, "and --max-time allows 45s", "--max-time "},
		"not a Go program":   {&shop{profiles: http.NotFound}, nil, "status 404", "--pid PID"},
		"no such process":    {&shop{profiles: http.NotFound}, []string{"--pid", "1073741824"}, "process 1073741824 cannot be read", "--pid"},
		"profiles elsewhere": {&shop{}, []string{"--pprof", "http://127.0.0.1:1", "--pid", "1"}, "the service is gone", "is the service running"},
		"its own backend": {&shop{after: 1, then: func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "pq: connection refused", http.StatusInternalServerError)
		}},
			nil, "pq: connection refused", "--request"},
		"never there": {&shop{after: 1, then: http.NotFound}, nil, "404 Not Found", "--accept 404"},
		"secrets": {&shop{after: 1, then: func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.String(), http.StatusForbidden) }},
			[]string{"--request", "GET /?q=hunter2"}, "GET /?q=xxxxx: 403 Forbidden", "--request"},
	} {
		server := httptest.NewServer(test.service)
		t.Cleanup(server.Close)
		if test.service.then != nil {
			test.service.requests.Store(1)
		}
		dir := filepath.Join(t.TempDir(), "out")
		args := append([]string{"--url", server.URL, "--out", dir, "--request", "GET /"}, test.args...)
		if name == "secrets" {
			args = append([]string{"--url", server.URL, "--out", dir}, test.args...)
		}
		_, code, err := runAttach(t, "", args...)
		if code != harness.ExitNotRun || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.hint, test.hint) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: exit code %d, %v, hint %q; want %d, %s, %s", name, code, err, err.hint, harness.ExitNotRun, test.want, test.hint)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: a record was begun", name)
		}
	}
}

// youngPage is a heap page of a process that has allocated next to nothing.
const youngPage = `heap profile: 0: 0 [0: 0] @ heap/1048576

# runtime.MemStats
# TotalAlloc = 3000
# Sys = 9000000
# Mallocs = 20
# Frees = 10
# HeapAlloc = 2000
# HeapIdle = 100
# HeapInuse = 3000
# HeapReleased = 0
# Stack = 100 / 100
# NextGC = 4194304
# NumGC = 3
`

// A service that comes to fail or to an end in the middle never is clean.
func TestAttachToWhatDoesNotLast(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	fails := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", status) }
	}
	for name, test := range map[string]struct {
		change func(*shop, *httptest.Server)
		cause  string // of its death; empty: it lives
	}{
		"missing":           {func(s *shop, _ *httptest.Server) { s.then = fails(http.StatusNotFound) }, ""},
		"failing":           {func(s *shop, _ *httptest.Server) { s.then = fails(http.StatusInternalServerError) }, ""},
		"too many requests": {func(s *shop, _ *httptest.Server) { s.then = fails(http.StatusTooManyRequests) }, ""},
		"restarted": {func(s *shop, _ *httptest.Server) {
			s.profiles = func(w http.ResponseWriter, r *http.Request) {
				if s.requests.Load() >= s.after && r.URL.Query().Get("debug") == "1" {
					io.WriteString(w, youngPage)
					return
				}
				netpprof.Index(w, r)
			}
		}, harness.Restarted},
		"gone": {func(s *shop, server *httptest.Server) {
			s.then = func(http.ResponseWriter, *http.Request) {
				server.Listener.Close()
				server.CloseClientConnections()
			}
		}, harness.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shop{after: 2000} // within the burst or soon after
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			test.change(s, server)
			args, dir := fast(t, server.URL)
			out, code, err := runAttach(t, "", append(args, "--request", "GET /{{seq}}", "--max-time", "5m")...)
			if code != harness.ExitNotRun {
				t.Fatalf("exit code %d, %v, want %d:\n%s", code, err, harness.ExitNotRun, out)
			}
			record, readErr := journal.Read(dir)
			if readErr != nil {
				t.Fatalf("%v, after %v", readErr, err)
			}
			v := record.Variants[0]
			if v.Verdict.Outcome != harness.Inconclusive {
				t.Errorf("outcome %s, want inconclusive", v.Verdict.Outcome)
			}
			cause := ""
			if v.Death != nil {
				cause = v.Death.Cause
			}
			if cause != test.cause {
				t.Errorf("ended by %q (%+v), want %q", cause, v.Death, test.cause)
			}
		})
	}
}

// Of a service that is not written in Go the footprint is all that there is.
func TestAttachToAFootprint(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	if gauge.FootprintOf(os.Getpid()).AnonymousBytes == nil {
		t.Skip("this system does not tell the footprint of a process")
	}
	server := httptest.NewServer(&shop{profiles: http.NotFound})
	t.Cleanup(server.Close)
	args, dir := fast(t, server.URL)
	// The process is the test's own, whose footprint other tests move: what is
	// tested is how it is read, not the verdict.
	out, _, _ := runAttach(t, "", append(args, "--request", "GET /{{seq}}", "--pid", fmt.Sprint(os.Getpid()), "--max-time", "5s")...)
	record, err := journal.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	v := record.Variants[0]
	if v.Gauge != harness.GaugeFootprint || v.Verdict.SlopeBytesPerRequest != nil || v.Verdict.GrowthBytes != nil || len(v.Blame) > 0 {
		t.Errorf("gauge %s, slope %v, growth %v, blame %v; want a footprint alone", v.Gauge, v.Verdict.SlopeBytesPerRequest, v.Verdict.GrowthBytes, v.Blame)
	}
	if !strings.Contains(out, "only the footprint of the process was judged") {
		t.Errorf("the report does not say what was judged:\n%s", out)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, "profiles")); err == nil {
		t.Errorf("profiles of a program that has none: %v", entries)
	}
}

func TestRecordedRequestsShowNoSecret(t *testing.T) {
	for line, want := range map[string]string{
		"GET /a":                                   "GET /a",
		"GET /a?q={{seq}}&n={{rand 9}}-{{uuid}}":   "GET /a?q={{seq}}&n={{rand 9}}xxxxx{{uuid}}",
		"GET /me?user=u{{seq}}":                    "GET /me?user=xxxxx{{seq}}",
		"GET /me?token=s3cret-{{seq}}":             "GET /me?token=xxxxx{{seq}}",
		"GET http://u:hunter2@h/{{seq}}?a={{seq}}": "GET http://xxxxx@h/{{seq}}?a={{seq}}",
		"GET http://u:hunter2@h/a;key=hunter2":     "GET http://xxxxx@h/a;key=xxxxx",
		"http://u:hunter2@h/a?q=hunter2":           "http://xxxxx@h/a?q=xxxxx",
		"GET /a;token=hunter2/b":                   "GET /a;token=xxxxx",
		"GET /a;x=1;token=hunter2":                 "GET /a;x=1;token=xxxxx",
		"GET /a;key={{seq}}":                       "GET /a;key={{seq}}",
		"GET /a?key=hunter2&q={{env A}}{{seq}}&ok": "GET /a?key=xxxxx&q={{env A}}{{seq}}&ok",
	} {
		if got := redactRequest(line); got != want {
			t.Errorf("%q is recorded as %q, want %q", line, got, want)
		}
	}
	var out bytes.Buffer
	cmd := newAttach(streams{strings.NewReader(""), &out, &out})
	if err := cmd.ParseFlags([]string{"--url", "http://h", "--request", "GET /?api=hunter2", "--request", "GET /?token=hunter2{{seq}}"}); err != nil {
		t.Fatal(err)
	}
	if line := strings.Join(commandLine(cmd, nil), " "); strings.Contains(line, "hunter2") || !strings.HasSuffix(line, "GET /?token=xxxxx{{seq}} --url=http://h") {
		t.Errorf("recorded command: %s", line)
	}
}
