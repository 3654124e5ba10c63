package gauge

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
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
	// Timeout bounds each call. Zero: 30 seconds.
	Timeout time.Duration
	// Rest bounds the wait for the service to come to rest. Zero: 2 seconds.
	Rest time.Duration

	base   string // ends in /debug/pprof
	client *http.Client
	seen   atomic.Bool // a page was read: the service was there
	// comeback is how long it may be away before it counts as gone.
	comeback time.Duration

	mu      sync.Mutex
	process process
	// pageBytes is what the service allocates to write a heap page, by the last
	// checkpoint; allocated what it had allocated in all by then.
	pageBytes, allocated int64
	// counted is up to where served counts what the service has allocated.
	counted, served int64
	// noIndex tells that the index does not say how many goroutines there are.
	noIndex bool
}

// NewPprof is a gauge for the service whose profiles are served at address, or
// below /debug/pprof there: "http://127.0.0.1:6060", with or without a path. A
// pid of 0 is a process that the kernel cannot be asked about, until
// [Pprof.FindProcess] finds it. Certificates are checked as the configuration
// says, nil: by the roots of this machine.
func NewPprof(address string, pid int, certificates *tls.Config) (*Pprof, error) {
	base, err := pprofBase(address)
	if err != nil {
		return nil, err
	}
	return &Pprof{base: base, process: process{pid: pid}, client: client(certificates), comeback: comeback}, nil
}

// Close closes the connection to the service.
func (p *Pprof) Close() { p.client.CloseIdleConnections() }

// Check tells why the service cannot be read, nil where it can. It reads two
// pages, and so learns what one takes.
func (p *Pprof) Check(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, err := p.page(ctx, heapPage)
	if err != nil {
		return err
	}
	second, err := p.page(ctx, heapPage)
	if err != nil {
		return err
	}
	p.pageBytes, p.allocated = max(0, second.TotalAlloc-first.TotalAlloc), second.TotalAlloc
	return nil
}

// Prewarm does nothing: from outside only load can ready a runtime.
func (p *Pprof) Prewarm(context.Context) error { return nil }

// Checkpoint waits until the service is at rest, has it collect twice and reads
// it. The first checkpoint of a service fills caches: discard it. The error is
// [ErrRestarted] where its figures begin anew, [ErrGone] where nobody listens.
func (p *Pprof) Checkpoint(ctx context.Context) (Reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cpu := cpuSeconds(p.process.pid)
	arrival, err := p.page(ctx, heapPage)
	if err != nil {
		return Reading{}, err
	}
	if arrival.TotalAlloc < p.allocated {
		return Reading{}, p.restarted(arrival)
	}
	if err := p.process.check(); err != nil {
		return Reading{}, err
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
		Checkpoint:        second.checkpoint(goroutines, FootprintOf(p.process.pid)),
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
	goroutines, err := p.goroutines(ctx)
	if err != nil {
		return harness.Sample{}, err
	}
	p.countFrom(m)
	return harness.Sample{
		Goroutines:      goroutines,
		LiveHeapBytes:   m.live(),
		HeapBytes:       m.HeapAlloc,
		InUseBytes:      m.HeapInuse,
		IdleBytes:       m.HeapIdle,
		ReleasedBytes:   m.HeapReleased,
		StackBytes:      m.StackInuse,
		SysBytes:        m.Sys,
		RSSBytes:        ResidentBytes(p.process.pid),
		TotalAllocBytes: m.TotalAlloc + p.pageBytes,
		GCCycles:        m.NumGC,
		CPUSeconds:      cpuSeconds(p.process.pid),
	}, nil
}

// Allocated is how many bytes the service has allocated on its own account since
// its start: what readings take is left out, as well as that is known, and so is
// all from a checkpoint to the sample after it.
func (p *Pprof) Allocated(ctx context.Context) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := p.page(ctx, heapPage)
	if err != nil {
		return 0, err
	}
	if m.TotalAlloc < p.allocated {
		return 0, p.restarted(m)
	}
	p.served += max(0, m.TotalAlloc-p.counted)
	p.countFrom(m)
	return p.served, nil
}

// countFrom begins to count what the service allocates, after a page that has just
// been read.
func (p *Pprof) countFrom(m memStats) {
	if p.counted == 0 {
		p.served = m.TotalAlloc
	}
	p.counted = m.TotalAlloc + p.pageBytes
}

// restarted is the error of figures that have begun anew.
func (p *Pprof) restarted(m memStats) error {
	return fmt.Errorf("gauge: %s: %w: its allocations fell from %d bytes to %d", p.base, ErrRestarted, p.allocated, m.TotalAlloc)
}

// Stream calls each with the footprint of the process at every interval, the
// first at once, as long as the kernel tells it. It asks the service nothing: a
// heap page under load would be a load of its own. It returns nil when ctx ends.
func (p *Pprof) Stream(ctx context.Context, interval time.Duration, each func(harness.Sample)) error {
	return streamFootprint(ctx, p.process.pid, interval, each)
}
