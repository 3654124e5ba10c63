package gauge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	netpprof "net/http/pprof"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// service serves a handler as a service's profiles and is the gauge for it.
func service(t *testing.T, handler http.Handler) *Pprof {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return gaugeOf(t, server.URL)
}

func gaugeOf(t *testing.T, url string) *Pprof {
	t.Helper()
	p, err := NewPprof(url, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Timeout, p.comeback = testLimit, 100*time.Millisecond
	t.Cleanup(p.Close)
	return p
}

// profiles are the real ones of this process.
func profiles() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc(pprofPath+"/", netpprof.Index)
	mux.HandleFunc(pprofPath+"/cmdline", netpprof.Cmdline)
	return mux
}

func TestPprofReadsThisProcess(t *testing.T) {
	p := service(t, profiles())
	if err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := p.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const size, noise, goroutines = 1 << 20, 128 << 10, 10
	kept, release := make([]byte, size), make(chan struct{})
	defer close(release)
	for range goroutines {
		go func() { <-release }()
	}
	after, err := p.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	runtime.KeepAlive(kept)
	if grown := after.LiveHeapBytes - before.LiveHeapBytes; grown < size-noise || grown > size+noise {
		t.Errorf("live heap grew by %d, want %d", grown, size)
	}
	if grown := after.Goroutines - before.Goroutines; grown != goroutines {
		t.Errorf("goroutines grew by %d, want %d", grown, goroutines)
	}
	if cycles := after.GCCycles - before.GCCycles; cycles < 2 {
		t.Errorf("%d collections, want the two that were asked for", cycles)
	}
	if !after.Settled || after.LiveObjects == 0 || after.SysBytes == 0 || after.StackBytes == 0 {
		t.Errorf("reading %+v, want settled and whole", after)
	}
	if after.ArrivalAllocBytes <= before.TotalAllocBytes || after.ArrivalAllocBytes >= after.TotalAllocBytes {
		t.Errorf("allocated %d on arrival, want between %d and %d", after.ArrivalAllocBytes, before.TotalAllocBytes, after.TotalAllocBytes)
	}
	for name, profile := range map[string]func(context.Context) ([]byte, error){
		"heap": p.HeapProfile, "goroutine": p.GoroutineProfile, "stacks": p.GoroutineStacks,
	} {
		if body, err := profile(t.Context()); err != nil || len(body) == 0 {
			t.Errorf("%s: %d bytes, %v; want a profile", name, len(body), err)
		}
	}
}

// What was allocated between a sample and the checkpoint after it is the load's
// alone: what the page of the sample took is not in it.
func TestPprofTellsTheLoadsAllocationsFromItsOwn(t *testing.T) {
	const page, load = 1000, 50_000
	var total atomic.Int64
	total.Store(20_000)
	says := allocated(&total)
	p := service(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		says(w, r)
		if strings.HasSuffix(r.URL.Path, "/heap") {
			total.Add(page)
		}
	}))
	if _, err := p.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	base, err := p.Sample(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total.Add(load)
	r, err := p.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := r.ArrivalAllocBytes - base.TotalAllocBytes; got != load {
		t.Errorf("load allocated %d, want %d", got, load)
	}
}

func TestPprofBelowAPath(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:6060":                     "http://127.0.0.1:6060/debug/pprof",
		"http://127.0.0.1:6060/":                    "http://127.0.0.1:6060/debug/pprof",
		"http://127.0.0.1:6060/debug/pprof/":        "http://127.0.0.1:6060/debug/pprof",
		"https://shop.example/admin":                "https://shop.example/admin/debug/pprof",
		"https://shop.example/admin/debug/pprof":    "https://shop.example/admin/debug/pprof",
		"http://127.0.0.1:6060/a%2Fb/debug/pprof//": "http://127.0.0.1:6060/a%2Fb/debug/pprof",
	} {
		if p, err := NewPprof(address, 0, nil); err != nil || p.base != want {
			t.Errorf("%s: %+v, %v; want %s", address, p, err, want)
		}
	}
	for _, address := range []string{
		"", "127.0.0.1:6060", "ftp://127.0.0.1", "http://", "http://h/?debug=1", "http://u:secret@h", "http://h/#x", "http://[::1",
	} {
		if _, err := NewPprof(address, 0, nil); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want one without a password", address, err)
		}
	}
	prefixed := http.NewServeMux()
	prefixed.Handle("/admin/", http.StripPrefix("/admin", profiles()))
	server := httptest.NewServer(prefixed)
	t.Cleanup(server.Close)
	if _, err := gaugeOf(t, server.URL+"/admin").Checkpoint(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPprofSaysWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"nothing there":  {http.NotFoundHandler(), "status 404 Not Found"},
		"forbidden":      {answers(403, "keep out"), `status 403 Forbidden: "keep out"`},
		"a web page":     {answers(200, "<!DOCTYPE html>"), `no heap profile of a Go program: "<!DOCTYPE html>"`},
		"half a profile": {answers(200, "heap profile: 1: 2 [3: 4] @ heap/1048576\n"), `no line "# runtime.MemStats"`},
		"a redirect":     {http.RedirectHandler("/login", http.StatusFound), "status 302 Found"},
	} {
		t.Run(name, func(t *testing.T) {
			p := service(t, test.handler)
			err := p.Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), p.base+"/heap") {
				t.Errorf("error %v, want %s and the address", err, test.want)
			}
		})
	}
}

// allocated is a service that says it has allocated what the number says.
func allocated(total *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/heap") {
			fmt.Fprint(w, strings.Replace(goodPage, "TotalAlloc = 9000", fmt.Sprintf("TotalAlloc = %d", total.Load()), 1))
			return
		}
		fmt.Fprint(w, "<tr><td>7</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>")
	}
}

func TestPprofNoticesARestart(t *testing.T) {
	var total atomic.Int64
	p := service(t, allocated(&total))
	total.Store(20000)
	if r, err := p.Checkpoint(t.Context()); err != nil || r.Goroutines != 7 {
		t.Fatalf("%+v, %v; want 7 goroutines", r, err)
	}
	total.Store(19999)
	if _, err := p.Checkpoint(t.Context()); !errors.Is(err, ErrRestarted) || !strings.Contains(err.Error(), "from 20000 bytes to 19999") {
		t.Errorf("error %v, want that the service was restarted", err)
	}
}

// A router that serves single profiles has no index.
func TestPprofCountsGoroutinesWithoutAnIndex(t *testing.T) {
	for name, index := range map[string]http.Handler{
		"no such page": http.NotFoundHandler(),
		"a web page":   answers(200, "<html>welcome"),
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			mux := http.NewServeMux()
			mux.HandleFunc(pprofPath+"/", func(w http.ResponseWriter, r *http.Request) { asked.Add(1); index.ServeHTTP(w, r) })
			mux.Handle(pprofPath+"/goroutine", netpprof.Handler("goroutine"))
			mux.Handle(pprofPath+"/heap", netpprof.Handler("heap"))
			p := service(t, mux)
			r, err := p.Checkpoint(t.Context())
			if err != nil || r.Goroutines < 2 || asked.Load() != 1 {
				t.Errorf("%d goroutines, index asked for %d times, %v; want some, once, no error", r.Goroutines, asked.Load(), err)
			}
		})
	}
	if _, err := service(t, answers(500, "out of order")).goroutines(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("error %v, want that of a broken index", err)
	}
}

func TestPprofWithoutALeakProfile(t *testing.T) {
	if body, err := service(t, http.NotFoundHandler()).GoroutineLeakProfile(t.Context()); body != nil || err != nil {
		t.Errorf("%q, %v; want nothing, without an error", body, err)
	}
	if _, err := service(t, answers(200, "text")).GoroutineLeakProfile(t.Context()); err == nil {
		t.Error("no error for what is no profile")
	}
}

func TestPprofCutsOffStacks(t *testing.T) {
	body, err := service(t, answers(200, strings.Repeat("x", maxStacks+1))).GoroutineStacks(t.Context())
	if err != nil || len(body) != maxStacks {
		t.Errorf("%d bytes, %v; want %d", len(body), err, maxStacks)
	}
}

func TestPprofKeepsOneConnection(t *testing.T) {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(profiles())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	p := gaugeOf(t, server.URL)
	for range 2 {
		if _, err := p.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.HeapProfile(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestPprofCountsWhatTheServiceAllocates(t *testing.T) {
	const size, noise = 8 << 20, 1 << 20
	p := service(t, profiles())
	if _, err := p.Checkpoint(t.Context()); err != nil { // learns what a page takes
		t.Fatal(err)
	}
	var blocks [][]byte
	if _, err := p.Sample(t.Context()); err != nil {
		t.Fatal(err)
	}
	counted, err := p.Allocated(t.Context())
	if err != nil || counted < size/100 {
		t.Errorf("%d bytes counted at first, %v; want all since the start", counted, err)
	}
	for range 3 {
		if _, err := p.HeapProfile(t.Context()); err != nil { // is not counted
			t.Fatal(err)
		}
		if _, err := p.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			blocks = append(blocks, make([]byte, size))
			now, err := p.Allocated(t.Context())
			if err != nil || now-counted < size-noise || now-counted > size+noise {
				t.Errorf("%d bytes counted, %v; want %d", now-counted, err, size)
			}
			counted = now
		}
	}
	runtime.KeepAlive(blocks)
}

func TestPprofWaitsForRestAsLongAsAsked(t *testing.T) {
	calls := int64(0)
	p := service(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		fmt.Fprintf(w, "goroutine profile: total %d\n", calls) // never at rest
	}))
	p.Rest = time.Millisecond
	began := time.Now()
	if settled, err := p.drain(t.Context()); settled || err != nil || time.Since(began) > restLimit {
		t.Errorf("at rest %t after %v, %v; want no rest after %v", settled, time.Since(began), err, p.Rest)
	}
}

func TestPprofGivesUpOnSilence(t *testing.T) {
	release := make(chan struct{})
	p := service(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release) })
	p.Timeout = 20 * time.Millisecond
	if err := p.Check(t.Context()); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "silent for 20ms") {
		t.Errorf("error %v, want how long it was silent", err)
	}
}

// A stream asks nothing of the service, which is not even there.
func TestPprofStreamsTheFootprint(t *testing.T) {
	if ResidentBytes(os.Getpid()) == nil {
		t.Skip("this system does not tell the footprint of a process")
	}
	p := gaugeOf(t, "http://127.0.0.1:1")
	p.process.pid = os.Getpid()
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	var samples []harness.Sample
	err := p.Stream(ctx, time.Millisecond, func(s harness.Sample) {
		if samples = append(samples, s); len(samples) == 3 {
			cancel()
		}
	})
	if err != nil || len(samples) < 3 || samples[0].RSSBytes == nil || samples[2].AtSeconds <= samples[0].AtSeconds {
		t.Errorf("samples %+v, %v; want 3 with a footprint", samples, err)
	}
}

func TestPprofFindsTheProcess(t *testing.T) {
	server := httptest.NewServer(profiles())
	t.Cleanup(server.Close)
	p := gaugeOf(t, server.URL)
	found := p.FindProcess(t.Context())
	if listenerOf(loopbackPort(server.URL)) == 0 {
		t.Skip("this system does not tell who listens")
	}
	if found != os.Getpid() {
		t.Errorf("pid %d, want %d", found, os.Getpid())
	}
	r, err := p.Checkpoint(t.Context())
	if err != nil || r.RSSBytes == nil || r.OffHeapBytes == nil || r.ArrivalCPUSeconds == nil {
		t.Errorf("reading %+v, %v; want a footprint and a CPU time", r, err)
	}

	proxy := http.NewServeMux()
	proxy.Handle("/", profiles())
	proxy.HandleFunc(pprofPath+"/cmdline", answers(200, "/srv/shop\x00--port=80"))
	if pid := service(t, proxy).FindProcess(t.Context()); pid != 0 {
		t.Errorf("pid %d behind a proxy, want none", pid)
	}
	for _, elsewhere := range []string{"http://192.0.2.1:6060", "http://shop.example"} {
		if pid := gaugeOf(t, elsewhere).FindProcess(t.Context()); pid != 0 {
			t.Errorf("%s: pid %d, want none", elsewhere, pid)
		}
	}
}

func TestLoopbackPort(t *testing.T) {
	for address, want := range map[string]int{
		"http://127.0.0.1:6060/x": 6060, "http://[::1]:6060": 6060, "http://localhost": 80, "https://127.0.0.2": 443, "http://192.0.2.1:6060": 0,
	} {
		if port := loopbackPort(address); port != want {
			t.Errorf("%s: port %d, want %d", address, port, want)
		}
	}
}
