package gauge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness/probe"
)

// testLimit is how long a test waits for something that must happen.
const testLimit = 10 * time.Second

// target serves a handler in place of a probe and is the gauge for it.
func target(t *testing.T, handler http.HandlerFunc) *Gauge {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	g := New(server.URL, 4711)
	g.Timeout = testLimit
	t.Cleanup(g.Close)
	return g
}

// answers is a handler that always gives the same answer.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestErrorsSayWhichTargetAndWhatWasWrong(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"refused":         {answers(403, "leaklab probe: not you"), `status 403 Forbidden: "leaklab probe: not you"`},
		"broken":          {answers(500, "out of order"), `status 500 Internal Server Error: "out of order"`},
		"a web page":      {answers(200, "<html>hello"), `answer "<html>hello"`},
		"nothing":         {answers(200, ""), "unexpected end of JSON"},
		"half an answer":  {answers(200, goodReading[:40]), "unexpected end of JSON"},
		"two answers":     {answers(200, goodReading+goodReading), "after top-level value"},
		"another's JSON":  {answers(200, `{"status":"ok"}`), "live_heap_bytes = 0, want at least 1"},
		"no end":          {answers(200, strings.Repeat(" ", maxAnswer+1)), "larger than 65536 bytes"},
		"a redirect":      {http.RedirectHandler("/", http.StatusFound).ServeHTTP, "status 302 Found"},
		"a broken body":   {truncated, "after 1 bytes of the answer: unexpected EOF"},
		"a broken answer": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			g := target(t, test.handler)
			_, err := g.Checkpoint(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			where := "gauge: target 4711: POST " + g.base + probe.Path + "checkpoint: "
			if text := err.Error(); !strings.HasPrefix(text, where) || !strings.Contains(text, test.want) {
				t.Errorf("error %q, want %q and %q", text, where, test.want)
			}
			if strings.Count(err.Error(), g.base) != 1 {
				t.Errorf("error %q, want the address once", err)
			}
		})
	}
}

// truncated promises more than it sends.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, "{")
}

func TestAHungTargetIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	hang := func(http.ResponseWriter, *http.Request) { <-release }
	g := target(t, hang)
	t.Cleanup(func() { close(release) }) // before the server closes
	g.Timeout = 20 * time.Millisecond
	err := g.Prewarm(t.Context())
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "target is silent for 20ms") {
		t.Errorf("error %v, want a deadline and its length", err)
	}
}

func TestTheCallerEndsACall(t *testing.T) {
	release, arrived := make(chan struct{}), make(chan struct{}, 1)
	g := target(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the run was interrupted")
	go func() {
		<-arrived
		cancel(stop)
	}()
	if _, err := g.Sample(ctx); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
}

func TestATargetThatIsGone(t *testing.T) {
	server := httptest.NewServer(answers(200, ""))
	g := New(server.URL, 4711)
	server.Close()
	if _, err := g.HeapProfile(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") && !strings.Contains(err.Error(), "refused it") {
		t.Errorf("error %v, want that the connection was refused", err)
	}
}

func TestAProfileIsGzipped(t *testing.T) {
	g := target(t, answers(200, "heap profile: 1: 2"))
	if _, err := g.HeapProfile(t.Context()); err == nil || !strings.Contains(err.Error(), `no gzipped profile: "heap profile: 1: 2"`) {
		t.Errorf("error %v, want what came instead", err)
	}
}

func TestARuntimeWithoutALeakProfile(t *testing.T) {
	if body, err := target(t, answers(404, "not found")).GoroutineLeakProfile(t.Context()); body != nil || err != nil {
		t.Errorf("%q, %v; want nothing, without an error", body, err)
	}
	if _, err := target(t, answers(403, "not you")).GoroutineLeakProfile(t.Context()); err == nil {
		t.Error("refused: no error")
	}
	if body, err := target(t, answers(200, "\x1f\x8b profile")).GoroutineLeakProfile(t.Context()); string(body) != "\x1f\x8b profile" || err != nil {
		t.Errorf("%q, %v; want the profile", body, err)
	}
}

func TestStacksHaveALimit(t *testing.T) {
	full := strings.Repeat("x", maxStacks)
	if body, err := target(t, answers(200, full)).GoroutineStacks(t.Context()); string(body) != full || err != nil {
		t.Errorf("%d bytes, %v; want all %d", len(body), err, maxStacks)
	}
	if _, err := target(t, answers(200, full+"x")).GoroutineStacks(t.Context()); err == nil {
		t.Error("no error for a byte more")
	}
}

func TestCallsShareOneConnection(t *testing.T) {
	var connections atomic.Int64
	mux := http.NewServeMux()
	mux.Handle(probe.Path, probe.Handler())
	server := httptest.NewUnstartedServer(mux)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	g := New(server.URL, 0)
	t.Cleanup(g.Close)
	calls := []func() error{
		func() error { return g.Prewarm(t.Context()) },
		func() error { _, err := g.HeapProfile(t.Context()); return err },
		func() error { _, err := g.GoroutineProfile(t.Context()); return err },
		func() error { _, err := g.GoroutineLeakProfile(t.Context()); return err },
		func() error { _, err := g.GoroutineStacks(t.Context()); return err },
		func() error { _, err := g.Checkpoint(t.Context()); return err },
		func() error { _, err := g.Sample(t.Context()); return err },
		func() error {
			b, err := g.Build(t.Context())
			if err == nil && b.GoVersion == "" {
				return errors.New("no Go version")
			}
			return err
		},
	}
	for i, call := range calls {
		if err := call(); err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if got := connections.Load(); got != 1 {
		t.Errorf("connections = %d for %d calls, want 1", got, len(calls))
	}
}
