package probe

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// Reading is the process at rest: drained and collected twice. Every figure is
// the runtime's own; a nil pointer is one that this system does not tell.
type Reading struct {
	// Settled tells that the target came to rest before it was read. If not, the
	// figures hold work in progress.
	Settled bool `json:"settled"`
	// The arrival figures are as the checkpoint was asked for, before it drained
	// and collected: what the load cost, without what reading costs.
	ArrivalTotalAllocBytes int64    `json:"arrival_total_alloc_bytes"`
	ArrivalCPUSeconds      *float64 `json:"arrival_cpu_seconds"`
	ArrivalGCCPUSeconds    float64  `json:"arrival_gc_cpu_seconds"` // as of the last collection
	// The others are as of after the collections.
	LiveHeapBytes   int64   `json:"live_heap_bytes"`   // MemStats.HeapAlloc
	LiveObjects     int64   `json:"live_objects"`      // MemStats.Mallocs − Frees
	Goroutines      int64   `json:"goroutines"`        // the server's own included
	StackBytes      int64   `json:"stack_bytes"`       // MemStats.StackInuse
	SysBytes        int64   `json:"sys_bytes"`         // MemStats.Sys
	ReleasedBytes   int64   `json:"released_bytes"`    // MemStats.HeapReleased
	InUseBytes      int64   `json:"in_use_bytes"`      // MemStats.HeapInuse
	IdleBytes       int64   `json:"idle_bytes"`        // MemStats.HeapIdle
	TotalAllocBytes int64   `json:"total_alloc_bytes"` // MemStats.TotalAlloc
	TotalMallocs    int64   `json:"total_mallocs"`     // MemStats.Mallocs
	GCCycles        int64   `json:"gc_cycles"`         // MemStats.NumGC
	GCCPUSeconds    float64 `json:"gc_cpu_seconds"`    // CPU time of all collections
}

// checkpoint answers with the process at rest.
func (p *prober) checkpoint(ctx context.Context) (answer, error) {
	reading, err := p.read(ctx)
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(&reading)
}

// read drains, collects exactly twice and reads. One collection leaves what pools
// and finalizers hold (p95 of a clean difference 2.1 KB rather than 48 B); a third
// changes nothing.
func (p *prober) read(ctx context.Context) (Reading, error) {
	var reading Reading
	arrival := p.meter.read()
	reading.ArrivalCPUSeconds, reading.ArrivalGCCPUSeconds = arrival.CPUSeconds, arrival.GCCPUSeconds
	runtime.ReadMemStats(&p.memory)
	reading.ArrivalTotalAllocBytes = int64(p.memory.TotalAlloc)

	reading.Settled = p.drain(ctx)
	if err := context.Cause(ctx); err != nil {
		return Reading{}, fmt.Errorf("checkpoint: the client left: %w", err)
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&p.memory)
	m := &p.memory
	reading.LiveHeapBytes = int64(m.HeapAlloc)
	reading.LiveObjects = int64(m.Mallocs - m.Frees)
	reading.Goroutines = int64(runtime.NumGoroutine())
	reading.StackBytes = int64(m.StackInuse)
	reading.SysBytes = int64(m.Sys)
	reading.ReleasedBytes = int64(m.HeapReleased)
	reading.InUseBytes = int64(m.HeapInuse)
	reading.IdleBytes = int64(m.HeapIdle)
	reading.TotalAllocBytes = int64(m.TotalAlloc)
	reading.TotalMallocs = int64(m.Mallocs)
	reading.GCCycles = int64(m.NumGC)
	reading.GCCPUSeconds = p.meter.read().GCCPUSeconds
	return reading, nil
}

// A target is at rest when nothing is in flight and its goroutine count was the
// same this many times, this far apart.
const (
	restReadings = 5
	restInterval = time.Millisecond
)

// drain waits until the target is at rest and tells whether it came to be so
// before the limit or the client's end.
func (p *prober) drain(ctx context.Context) bool {
	deadline := time.Now().Add(p.DrainLimit)
	for last, same := -1, 0; ; {
		count := runtime.NumGoroutine()
		switch {
		case p.InFlight != nil && p.InFlight() > 0:
			same = 0
		case count != last:
			same = 1
		default:
			same++
		}
		last = count
		if same == restReadings {
			return true
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return false
		}
		time.Sleep(restInterval)
	}
}
