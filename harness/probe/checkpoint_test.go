package probe

import (
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"
)

// testLimit is how long a test waits for something that must happen. It is below
// the longest interval of a stream, so that a tick is no way out.
const testLimit = 5 * time.Second

func TestCheckpointCollectsTwiceAndReads(t *testing.T) {
	server := serve(t, Handler())
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no collection but the probe's
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := get[Reading](t, server, "POST", "checkpoint")
	runtime.ReadMemStats(&after)
	if got := r.GCCycles - int64(before.NumGC); got != 2 {
		t.Errorf("collections = %d, want exactly 2", got)
	}
	if !r.Settled {
		t.Error("settled = false, want true: nothing runs")
	}
	if live := int64(after.Mallocs - after.Frees); r.LiveObjects <= 0 || r.LiveObjects > live {
		t.Errorf("live objects = %d, want 1 to %d", r.LiveObjects, live)
	}
	if low, high := int64(before.TotalAlloc), int64(after.TotalAlloc); r.ArrivalTotalAllocBytes < low ||
		r.TotalAllocBytes < r.ArrivalTotalAllocBytes || r.TotalAllocBytes > high {
		t.Errorf("allocated = %d at arrival, %d after; want rising from %d to %d",
			r.ArrivalTotalAllocBytes, r.TotalAllocBytes, low, high)
	}
	if r.LiveHeapBytes > r.InUseBytes || r.InUseBytes+r.IdleBytes > r.SysBytes || r.ReleasedBytes > r.IdleBytes {
		t.Errorf("reading contradicts itself: %+v", r)
	}
	if r.Goroutines < 3 || r.StackBytes <= 0 || r.GCCPUSeconds <= 0 {
		t.Errorf("goroutines, stacks, GC CPU: %+v, want some of each", r)
	}
	if runtime.GOOS != "plan9" && (r.ArrivalCPUSeconds == nil || *r.ArrivalCPUSeconds <= 0) {
		t.Errorf("CPU = %v, want some", r.ArrivalCPUSeconds)
	}
}

func TestCheckpointWaitsForRequestsInFlight(t *testing.T) {
	var asked atomic.Int64
	server := serve(t, Config{InFlight: func() int64 { return max(0, 10-asked.Add(1)) }}.Handler())
	if r := get[Reading](t, server, "POST", "checkpoint"); !r.Settled || asked.Load() < 10+restReadings-1 {
		t.Errorf("settled = %v after %d looks, want after nothing was in flight %d times", r.Settled, asked.Load(), restReadings)
	}
}

func TestCheckpointReadsABusyTargetAndSaysSo(t *testing.T) {
	server := serve(t, Config{InFlight: func() int64 { return 1 }, DrainLimit: 5 * time.Millisecond}.Handler())
	if r := get[Reading](t, server, "POST", "checkpoint"); r.Settled || r.LiveHeapBytes == 0 {
		t.Errorf("reading of a busy target = %+v, want one that has not settled", r)
	}
}

func TestDrainWaitsForGoroutinesToEnd(t *testing.T) {
	looks, changing := 0, make(chan struct{})
	// Every look ends or starts a goroutine, for a while.
	p := newProber(Config{DrainLimit: testLimit, InFlight: func() int64 {
		if looks++; looks < 20 {
			go func() { <-changing }()
		}
		return 0
	}})
	defer close(changing)
	if !p.drain(t.Context()) || looks < 20+restReadings-1 {
		t.Errorf("at rest after %d looks, want none before the count stood still", looks)
	}
}

func TestPrewarmMakesItsGoroutinesAndThreadsOnce(t *testing.T) {
	server := serve(t, Handler())
	created := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}, {Name: "/sched/threads/total:threads"}}
	metrics.Read(created)
	before := created[0].Value.Uint64()
	get[struct{}](t, server, "POST", "prewarm")
	metrics.Read(created)
	if got := created[0].Value.Uint64() - before; got < prewarmGoroutines+prewarmThreads {
		t.Errorf("goroutines created = %d, want at least %d", got, prewarmGoroutines+prewarmThreads)
	}
	threads := created[1].Value.Uint64()
	if threads < prewarmThreads {
		t.Errorf("threads = %d, want at least %d", threads, prewarmThreads)
	}
	get[struct{}](t, server, "POST", "prewarm")
	metrics.Read(created)
	if again := created[1].Value.Uint64(); again > threads+prewarmThreads/4 {
		t.Errorf("threads = %d after a second prewarm, want about the %d of the first", again, threads)
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	handler := Handler()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", Path+"checkpoint", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
