package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// follow opens a stream of the server; the returned function reads a line.
func follow(t *testing.T, ctx context.Context, server *httptest.Server, query string) func() (Sample, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+Path+"stream"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %s, want 200", response.Status)
	}
	lines := bufio.NewReader(response.Body)
	return func() (s Sample, err error) {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return s, err
		}
		return s, json.Unmarshal(line, &s)
	}
}

func TestStreamTicks(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	next := follow(t, ctx, serve(t, Handler()), "?interval=10ms")
	var last Sample
	for range 3 {
		s, err := next()
		if err != nil {
			t.Fatal(err)
		}
		if s.Goroutines < 1 || s.HeapBytes < 1 || s.TotalAllocBytes < last.TotalAllocBytes {
			t.Errorf("sample %+v after %+v, want a process that allocates", s, last)
		}
		last = s
	}
}

func TestStreamEndsWithItsClient(t *testing.T) {
	ended := make(chan struct{})
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		Handler().ServeHTTP(w, r)
	}))
	ctx, cancel := context.WithCancel(t.Context())
	follow(t, ctx, server, "?interval=10s")
	cancel()
	select {
	case <-ended:
	case <-time.After(testLimit):
		t.Error("the stream goes on without its client")
	}
}

func TestStreamOutlivesTheTimeoutsOfItsService(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle(Path, Handler())
	server := httptest.NewUnstartedServer(mux)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	began := time.Now()
	for next := follow(t, t.Context(), server, "?interval=10ms"); time.Since(began) < 200*time.Millisecond; {
		if _, err := next(); err != nil {
			t.Fatalf("stream ended after %v: %v", time.Since(began), err)
		}
	}
}

func TestStreamDoesNotHoldUpAShutdown(t *testing.T) {
	server := serve(t, Handler())
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	next := follow(t, ctx, server, "?interval=10s")
	if _, err := next(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // an impatient service asks again
		if err := server.Config.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v, want the stream to end", err)
		}
	}
	if _, err := next(); err != io.EOF {
		t.Errorf("stream: %v, want its end", err)
	}
}

func TestStreamRefusesIntervals(t *testing.T) {
	server := serve(t, Handler())
	for _, interval := range []string{"9ms", "11s", "-1s", "0", "fast", "NaN", "1"} {
		status, body := request(t, server, "GET", "stream?interval="+interval)
		if status != http.StatusBadRequest || !strings.Contains(string(body), "want a duration from 10ms to 10s") {
			t.Errorf("interval %q: status %d, %s; want 400 and the range", interval, status, body)
		}
	}
	if interval, err := parseInterval(""); err != nil || interval != defaultInterval {
		t.Errorf("no interval = %v, %v; want %v", interval, err, defaultInterval)
	}
}

// plain is a writer that cannot flush, as some middleware leaves it.
type plain struct{ w http.ResponseWriter }

func (p plain) Header() http.Header         { return p.w.Header() }
func (p plain) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p plain) WriteHeader(code int)        { p.w.WriteHeader(code) }

func TestStreamSaysThatItCannotFlush(t *testing.T) {
	w := httptest.NewRecorder()
	newProber(Config{}).stream(plain{w}, httptest.NewRequest("GET", Path+"stream", nil))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status %d, %s; want 500", w.Code, w.Body)
	}
}

// BenchmarkStreamTick is what a tick costs the target: reading, encoding and
// sending over a real connection. The reader is in the same process.
func BenchmarkStreamTick(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		control, m := http.NewResponseController(w), newMeter()
		b.ReportAllocs()
		for b.Loop() {
			if err := tick(w, control, m); err != nil {
				b.Error(err)
				return
			}
		}
	}))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		b.Fatal(err)
	}
}
