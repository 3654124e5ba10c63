package gauge

import (
	"context"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Process reads a service that tells nothing of itself, such as one that is not
// written in Go: all that is known is what the kernel says of its process. Its
// readings are footprints, everything else in them is zero, and it has no
// profiles.
type Process struct{ process process }

// NewProcess is a gauge for a process of this machine, or an error where the
// kernel does not tell its footprint.
func NewProcess(pid int) (*Process, error) {
	if FootprintOf(pid).AnonymousBytes == nil {
		return nil, fmt.Errorf("gauge: the footprint of process %d cannot be read: want one of this machine and of this user, on Linux", pid)
	}
	return &Process{process{pid: pid, started: startOf(pid)}}, nil
}

// Checkpoint reads the footprint. The off-heap bytes are all of its anonymous
// part: there is no runtime of Go to take off.
func (p *Process) Checkpoint(context.Context) (Reading, error) {
	if err := p.check(); err != nil {
		return Reading{}, err
	}
	f := FootprintOf(p.process.pid)
	return Reading{
		Checkpoint:        harness.Checkpoint{RSSBytes: f.RSSBytes, PSSBytes: f.PSSBytes, OffHeapBytes: f.AnonymousBytes},
		Settled:           true,
		ArrivalCPUSeconds: cpuSeconds(p.process.pid),
	}, nil
}

// check tells whether the process is still there. One that is not may have been
// started anew, under a pid that nobody knows.
func (p *Process) check() error {
	if startOf(p.process.pid) == 0 {
		return fmt.Errorf("gauge: process %d has ended: %w", p.process.pid, ErrGone)
	}
	return p.process.check()
}

// Sample reads the footprint as the kernel's counters have it.
func (p *Process) Sample(context.Context) (harness.Sample, error) {
	return harness.Sample{RSSBytes: ResidentBytes(p.process.pid), CPUSeconds: cpuSeconds(p.process.pid)}, nil
}

// Stream calls each with a sample at every interval, the first at once, as long
// as the process is there. It returns nil when ctx ends.
func (p *Process) Stream(ctx context.Context, interval time.Duration, each func(harness.Sample)) error {
	return streamFootprint(ctx, p.process.pid, interval, each)
}

// streamFootprint calls each with the footprint of a process at every interval.
func streamFootprint(ctx context.Context, pid int, interval time.Duration, each func(harness.Sample)) error {
	began := time.Now()
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if rss := ResidentBytes(pid); rss != nil {
			each(harness.Sample{AtSeconds: time.Since(began).Seconds(), RSSBytes: rss, CPUSeconds: cpuSeconds(pid)})
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Prewarm does nothing: there is no runtime of Go to ready.
func (p *Process) Prewarm(context.Context) error { return nil }

// HeapProfile and the others are nil: there are none.
func (p *Process) HeapProfile(context.Context) ([]byte, error)          { return nil, nil }
func (p *Process) GoroutineProfile(context.Context) ([]byte, error)     { return nil, nil }
func (p *Process) GoroutineStacks(context.Context) ([]byte, error)      { return nil, nil }
func (p *Process) GoroutineLeakProfile(context.Context) ([]byte, error) { return nil, nil }

// Close does nothing: there is no connection.
func (p *Process) Close() {}
