package main

import (
	"net/http"
	"net/http/httptest"
	netpprof "net/http/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness/load"
)

// Only what answers too slowly, all connections together, gets less load.
func TestLoadIsCutForASlowService(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	for name, test := range map[string]struct {
		answer func(n int64)
		cut    bool
		sent   int // at most
	}{
		"answers at once":  {func(int64) {}, false, 33},
		"one at a time":    {func(int64) { mu.Lock(); defer mu.Unlock(); time.Sleep(20 * time.Millisecond) }, true, 65},
		"many at a time":   {func(int64) { time.Sleep(20 * time.Millisecond) }, false, 65},
		"slow to begin":    {func(n int64) { time.Sleep(time.Duration(50/n) * time.Millisecond) }, false, 65},
		"slow to open all": {func(n int64) { time.Sleep(time.Duration(1/(1+n/34)) * time.Second / 2) }, false, 65},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/debug/pprof/") {
					netpprof.Index(w, r)
					return
				}
				test.answer(requests.Add(1))
			}))
			defer server.Close()
			a := reached(t, attachOptions{url: server.URL, requests: []string{"GET /{{seq}}"}})
			l, p := a.scenario.Load, a.plan(nil)
			if test.cut {
				if l.WarmUp >= 200 || l.Segment >= 60 || p.Pace <= 0 || p.Pace > 50 {
					t.Errorf("a warm-up of %d, segments of %d, a pace of %.0f; want less for 50 a second", l.WarmUp, l.Segment, p.Pace)
				}
			} else if l.WarmUp != 600 || l.Segment != 100 || p.Pace != 0 {
				t.Errorf("a warm-up of %d, segments of %d, a pace of %.0f; want what was asked for", l.WarmUp, l.Segment, p.Pace)
			}
			if a.sent > test.sent || int64(a.sent) != requests.Load() {
				t.Errorf("%d requests used up, of %d sent, want as many, and %d at most", a.sent, requests.Load(), test.sent)
			}
		})
	}
}

// What --no-replay forbids, to send faster than asked, goes for the first requests too.
func TestSoundingsAtTheRate(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/debug/pprof/") {
			netpprof.Index(w, r)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}))
	defer server.Close()
	a := reached(t, attachOptions{url: server.URL, requests: []string{"GET /{{seq}}"}, noReplay: true})
	client, err := load.NewClient(server.URL, a.requests, load.Options{Connections: 32})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if rate := a.sound(t.Context(), client); rate > 310 || rate <= 0 {
		t.Errorf("sounded at %.0f requests a second, want 300 at most", rate)
	}
}
