package gauge

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Pprof reads a service that has net/http/pprof and no probe. What a probe does
// inside its process is asked for from outside: two collections by two heap
// pages, rest by counting goroutines until their number stands still. It keeps
// one connection open, for a new one shows in the service's memory. Every error
// names the address that was asked.
//
// A reading from outside holds its own request: the live heap toggles by about
// 2 KB either way from one to the next. What no page says is left at zero: the
// CPU time of the collector, and all but the footprint of a sample of a stream.
type Pprof struct {
	// Burst pre-warms the service, which only load can do from outside: more
	// requests at the same time than the measurement will ever send. Nil: none.
	Burst func(context.Context) error
	// Timeout bounds each call. Zero: 30 seconds.
	Timeout time.Duration

	base   string // ends in /debug/pprof
	pid    int    // 0: a process that the kernel cannot be asked about
	client *http.Client

	mu sync.Mutex
	// pageBytes is what the service allocates to write a heap page, by the last
	// checkpoint; allocated what it had allocated in all by then.
	pageBytes, allocated int64
	// noIndex tells that the index does not say how many goroutines there are.
	noIndex bool
}

// NewPprof is a gauge for the service whose profiles are served at address, or
// below /debug/pprof there: "http://127.0.0.1:6060", with or without a path. A
// pid of 0 is a process that the kernel cannot be asked about, until
// [Pprof.FindProcess] finds it.
func NewPprof(address string, pid int) (*Pprof, error) {
	base, err := pprofBase(address)
	if err != nil {
		return nil, err
	}
	return &Pprof{base: base, pid: pid, client: client()}, nil
}

// Close closes the connection to the service.
func (p *Pprof) Close() { p.client.CloseIdleConnections() }

// Check tells why the service cannot be read, nil where it can.
func (p *Pprof) Check(ctx context.Context) error {
	_, err := p.page(ctx, heapPage)
	return err
}

// Prewarm sends the burst.
func (p *Pprof) Prewarm(ctx context.Context) error {
	if p.Burst == nil {
		return nil
	}
	return p.Burst(ctx)
}

// Checkpoint waits until the service is at rest, has it collect twice and reads
// it. The first checkpoint of a service fills caches: discard it. An error also
// says that the service was restarted: its figures begin anew.
func (p *Pprof) Checkpoint(ctx context.Context) (Reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cpu := cpuSeconds(p.pid)
	arrival, err := p.page(ctx, heapPage)
	if err != nil {
		return Reading{}, err
	}
	if arrival.TotalAlloc < p.allocated {
		return Reading{}, fmt.Errorf("gauge: %s: allocations fell from %d bytes to %d: the service was restarted",
			p.base, p.allocated, arrival.TotalAlloc)
	}
	settled, err := p.drain(ctx)
	if err != nil {
		return Reading{}, err
	}
	first, err := p.page(ctx, collectedPage)
	if err != nil {
		return Reading{}, err
	}
	second, err := p.page(ctx, collectedPage)
	if err != nil {
		return Reading{}, err
	}
	goroutines, err := p.goroutines(ctx)
	if err != nil {
		return Reading{}, err
	}
	p.pageBytes, p.allocated = second.TotalAlloc-first.TotalAlloc, second.TotalAlloc
	return Reading{
		Checkpoint:        second.checkpoint(goroutines, FootprintOf(p.pid)),
		Settled:           settled,
		ArrivalAllocBytes: arrival.TotalAlloc,
		ArrivalCPUSeconds: cpu,
	}, nil
}

// Sample reads the service now, without a collection. The load must stand still.
// What the sample itself allocates is in its TotalAllocBytes, as well as that is
// known. AtSeconds is 0.
func (p *Pprof) Sample(ctx context.Context) (harness.Sample, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := p.page(ctx, heapPage)
	if err != nil {
		return harness.Sample{}, err
	}
	return harness.Sample{
		HeapBytes:       m.HeapAlloc,
		InUseBytes:      m.HeapInuse,
		IdleBytes:       m.HeapIdle,
		ReleasedBytes:   m.HeapReleased,
		StackBytes:      m.StackInuse,
		SysBytes:        m.Sys,
		RSSBytes:        ResidentBytes(p.pid),
		TotalAllocBytes: m.TotalAlloc + p.pageBytes,
		GCCycles:        m.NumGC,
		CPUSeconds:      cpuSeconds(p.pid),
	}, nil
}

// Stream calls each with the footprint of the process at every interval, the
// first at once, as long as the kernel tells it. It asks the service nothing: a
// heap page under load would be a load of its own. It returns nil when ctx ends.
func (p *Pprof) Stream(ctx context.Context, interval time.Duration, each func(harness.Sample)) error {
	began := time.Now()
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if rss := ResidentBytes(p.pid); rss != nil {
			each(harness.Sample{AtSeconds: time.Since(began).Seconds(), RSSBytes: rss, CPUSeconds: cpuSeconds(p.pid)})
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}
