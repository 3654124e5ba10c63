package gauge

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Running reads a target that works: [Gauge] and [Pprof] do.
type Running interface {
	Sample(ctx context.Context) (harness.Sample, error)
	Stream(ctx context.Context, interval time.Duration, each func(harness.Sample)) error
	HeapProfile(ctx context.Context) ([]byte, error)
	GoroutineProfile(ctx context.Context) ([]byte, error)
	GoroutineStacks(ctx context.Context) ([]byte, error)
	GoroutineLeakProfile(ctx context.Context) ([]byte, error)
	Close()
}

// Continuous reads a target that cannot be drained or must not be stopped: it
// waits for nothing and collects nothing. The live heap is the one that the
// target's own last collection left (/gc/heap/live:bytes, or, through
// net/http/pprof, what its next goal tells of that), so a reading that is no
// collection younger than the one before says nothing new. Live objects are not
// known.
type Continuous struct{ Running }

// Prewarm does nothing: what runs is warm, or must not be touched.
func (Continuous) Prewarm(context.Context) error { return nil }

// Checkpoint reads the target as it works.
func (c Continuous) Checkpoint(ctx context.Context) (Reading, error) {
	s, err := c.Sample(ctx)
	if err != nil {
		return Reading{}, err
	}
	return Reading{
		Checkpoint: harness.Checkpoint{
			LiveHeapBytes:   s.LiveHeapBytes,
			Goroutines:      s.Goroutines,
			StackBytes:      s.StackBytes,
			SysBytes:        s.SysBytes,
			ReleasedBytes:   s.ReleasedBytes,
			InUseBytes:      s.InUseBytes,
			IdleBytes:       s.IdleBytes,
			RSSBytes:        s.RSSBytes,
			TotalAllocBytes: s.TotalAllocBytes,
			GCCycles:        s.GCCycles,
			GCCPUSeconds:    s.GCCPUSeconds,
		},
		Settled:             true,
		ArrivalAllocBytes:   s.TotalAllocBytes,
		ArrivalCPUSeconds:   s.CPUSeconds,
		ArrivalGCCPUSeconds: new(s.GCCPUSeconds),
	}, nil
}
