// Package gauge reads a target's memory from outside the target: through its
// probe over HTTP, and from the kernel where that tells. It neither judges nor
// drives load, and what cannot be read it leaves out rather than guess. It
// stands between the load's segments: the lab asks it for a checkpoint after
// each, and for samples during them.
package gauge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/probe"
)

// Gauge reads one target. Its methods may be called concurrently, but calls wait
// for each other: they share one connection, because a new one for each reading
// would show in the target's memory. A stream has a connection of its own: one
// at a time. Every error names the target and the endpoint.
type Gauge struct {
	// Timeout bounds each call, and the silence of a stream beyond its interval.
	// Zero: 30 seconds.
	Timeout time.Duration

	base      string // without a slash at its end
	pid       int
	control   *http.Client
	streaming *http.Client
}

// New is a gauge for the target whose probe is served below baseURL, such as
// "http://127.0.0.1:41234". A pid of 0 is a process that the kernel cannot be
// asked about: then the footprint is left out.
func New(baseURL string, pid int) *Gauge {
	return &Gauge{
		base:      strings.TrimRight(baseURL, "/"),
		pid:       pid,
		control:   client(nil),
		streaming: client(nil),
	}
}

// Close closes the connections to the target.
func (g *Gauge) Close() {
	g.control.CloseIdleConnections()
	g.streaming.CloseIdleConnections()
}

// Prewarm fills the free lists of the target's runtime, which makes its
// readings exact. It belongs before the warm-up.
func (g *Gauge) Prewarm(ctx context.Context) error {
	_, err := g.call(ctx, http.MethodPost, "prewarm", maxAnswer)
	return err
}

// Reading is a checkpoint, without the figures that only the lab knows
// (Requests, AtSeconds, those of the load, Profile).
type Reading struct {
	harness.Checkpoint
	// Settled tells that the target came to rest before it was read.
	Settled bool
	// ArrivalAllocBytes and ArrivalCPUSeconds are all that the target has
	// allocated and its CPU time since its start, as the checkpoint was asked
	// for: before it drained and collected.
	ArrivalAllocBytes int64
	ArrivalCPUSeconds *float64
	// ArrivalGCCPUSeconds is the CPU time of its collections up to then; nil where
	// the target does not tell.
	ArrivalGCCPUSeconds *float64
}

// Checkpoint has the target drain, collect twice and read itself, and reads its
// footprint. The first checkpoint of a target fills caches: discard it.
func (g *Gauge) Checkpoint(ctx context.Context) (Reading, error) {
	return read(ctx, g, http.MethodPost, "checkpoint", func(body []byte) (Reading, error) {
		r, err := parseReading(body)
		if err != nil {
			return Reading{}, err
		}
		return reading(r, FootprintOf(g.pid)), nil
	})
}

func reading(r probe.Reading, f Footprint) Reading {
	c := harness.Checkpoint{
		LiveHeapBytes:   r.LiveHeapBytes,
		LiveObjects:     r.LiveObjects,
		Goroutines:      r.Goroutines,
		StackBytes:      r.StackBytes,
		SysBytes:        r.SysBytes,
		ReleasedBytes:   r.ReleasedBytes,
		InUseBytes:      r.InUseBytes,
		IdleBytes:       r.IdleBytes,
		RSSBytes:        f.RSSBytes,
		PSSBytes:        f.PSSBytes,
		HeapRSSBytes:    f.GoHeapBytes,
		TotalAllocBytes: r.TotalAllocBytes,
		TotalMallocs:    r.TotalMallocs,
		GCCycles:        r.GCCycles,
		GCCPUSeconds:    r.GCCPUSeconds,
	}
	c.OffHeapBytes = f.offHeap(r.SysBytes, r.ReleasedBytes)
	return Reading{
		Checkpoint:          c,
		Settled:             r.Settled,
		ArrivalAllocBytes:   r.ArrivalTotalAllocBytes,
		ArrivalCPUSeconds:   r.ArrivalCPUSeconds,
		ArrivalGCCPUSeconds: &r.ArrivalGCCPUSeconds,
	}
}

// Sample reads the target now, without a collection. The load must stand still:
// only then is its TotalAllocBytes exact. AtSeconds is 0.
func (g *Gauge) Sample(ctx context.Context) (harness.Sample, error) {
	return read(ctx, g, http.MethodGet, "sample", g.sample)
}

// sample is what a line of the probe and the kernel say together.
func (g *Gauge) sample(line []byte) (harness.Sample, error) {
	s, err := parseSample(line)
	if err != nil {
		return harness.Sample{}, err
	}
	return harness.Sample{
		HeapBytes:       s.HeapBytes,
		LiveHeapBytes:   s.LiveHeapBytes,
		InUseBytes:      s.InUseBytes,
		IdleBytes:       s.IdleBytes,
		ReleasedBytes:   s.ReleasedBytes,
		StackBytes:      s.StackBytes,
		SysBytes:        s.SysBytes,
		Goroutines:      s.Goroutines,
		RSSBytes:        ResidentBytes(g.pid),
		TotalAllocBytes: s.TotalAllocBytes,
		GCCycles:        s.GCCycles,
		GCCPUSeconds:    s.GCCPUSeconds,
		CPUSeconds:      s.CPUSeconds,
	}, nil
}

// Build is what the target was built from.
func (g *Gauge) Build(ctx context.Context) (probe.Build, error) {
	return read(ctx, g, http.MethodGet, "build", parseBuild)
}

// HeapProfile is the target's heap profile as go tool pprof reads it: gzipped,
// at most 64 MiB. Right after a checkpoint it is exact. The first one of a
// target fills caches: take one to throw away before the first checkpoint.
func (g *Gauge) HeapProfile(ctx context.Context) ([]byte, error) {
	return g.profile(ctx, "profile")
}

// GoroutineProfile is the target's goroutine profile as go tool pprof reads it:
// gzipped, at most 64 MiB.
func (g *Gauge) GoroutineProfile(ctx context.Context) ([]byte, error) {
	return g.profile(ctx, "goroutines")
}

// GoroutineLeakProfile is the target's profile of leaked goroutines as go tool
// pprof reads it: gzipped, at most 64 MiB; nil, without an error, where its
// runtime has none. It costs the target a collection.
func (g *Gauge) GoroutineLeakProfile(ctx context.Context) ([]byte, error) {
	body, err := g.profile(ctx, "goroutineleak")
	if e, ok := errors.AsType[*statusError](err); ok && e.code == http.StatusNotFound {
		return nil, nil
	}
	return body, err
}

// GoroutineStacks is the text of the stacks of all the target's goroutines, cut
// off at 4 MiB. The target stands still while it is written.
func (g *Gauge) GoroutineStacks(ctx context.Context) ([]byte, error) {
	return g.call(ctx, http.MethodGet, "stacks", maxStacks)
}

func (g *Gauge) profile(ctx context.Context, endpoint string) ([]byte, error) {
	body, err := g.call(ctx, http.MethodGet, endpoint, maxProfile)
	if err != nil {
		return nil, err
	}
	if len(body) < 2 || body[0] != 0x1f || body[1] != 0x8b {
		return nil, g.failure(http.MethodGet, endpoint, fmt.Errorf("answer is no gzipped profile: %s", excerpt(body)))
	}
	return body, nil
}
