package gauge

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/leaklab/leaklab/harness/probe"
)

// parseReading reads the answer of a checkpoint and rejects what no Go process
// can say of itself: a verdict must not rest on it.
func parseReading(body []byte) (probe.Reading, error) {
	var r probe.Reading
	if err := decode(body, &r); err != nil {
		return probe.Reading{}, err
	}
	err := errors.Join(
		atLeast("live_heap_bytes", r.LiveHeapBytes, 1),
		atLeast("live_objects", r.LiveObjects, 1),
		atLeast("goroutines", r.Goroutines, 1),
		atLeast("stack_bytes", r.StackBytes, 1),
		atLeast("released_bytes", r.ReleasedBytes, 0),
		atLeast("idle_bytes", r.IdleBytes, r.ReleasedBytes),
		atLeast("in_use_bytes", r.InUseBytes, r.LiveHeapBytes),
		atLeast("sys_bytes", r.SysBytes, max(r.InUseBytes, r.IdleBytes)),
		atLeast("arrival_total_alloc_bytes", r.ArrivalTotalAllocBytes, 1),
		atLeast("total_alloc_bytes", r.TotalAllocBytes, max(r.ArrivalTotalAllocBytes, r.LiveHeapBytes)),
		atLeast("total_mallocs", r.TotalMallocs, r.LiveObjects),
		atLeast("gc_cycles", r.GCCycles, 2), // its own two
		notNegative("gc_cpu_seconds", &r.GCCPUSeconds),
		notNegative("arrival_cpu_seconds", r.ArrivalCPUSeconds),
		notNegative("arrival_gc_cpu_seconds", &r.ArrivalGCCPUSeconds),
	)
	if err != nil {
		return probe.Reading{}, err
	}
	return r, nil
}

// parseSample reads a line of a stream. Its figures are not of one instant, so
// they are not held against each other.
func parseSample(line []byte) (probe.Sample, error) {
	var s probe.Sample
	if err := decode(line, &s); err != nil {
		return probe.Sample{}, err
	}
	err := errors.Join(
		atLeast("heap_bytes", s.HeapBytes, 1),
		atLeast("live_heap_bytes", s.LiveHeapBytes, 0), // no collection yet
		atLeast("in_use_bytes", s.InUseBytes, 1),
		atLeast("idle_bytes", s.IdleBytes, 0),
		atLeast("released_bytes", s.ReleasedBytes, 0),
		atLeast("stack_bytes", s.StackBytes, 1),
		atLeast("sys_bytes", s.SysBytes, 1),
		atLeast("goroutines", s.Goroutines, 1),
		atLeast("total_alloc_bytes", s.TotalAllocBytes, 1),
		atLeast("gc_cycles", s.GCCycles, 0),
		notNegative("gc_cpu_seconds", &s.GCCPUSeconds),
		notNegative("cpu_seconds", s.CPUSeconds),
	)
	if err != nil {
		return probe.Sample{}, err
	}
	return s, nil
}

func parseBuild(body []byte) (probe.Build, error) {
	var b probe.Build
	if err := decode(body, &b); err != nil {
		return probe.Build{}, err
	}
	if b.GoVersion == "" {
		return probe.Build{}, errors.New("go_version is empty, want that of the target")
	}
	return b, nil
}

// decode reads one JSON value. Unknown keys are those of a newer probe. JSON has
// no NaN or infinity, and a number that is too large is an error.
func decode(body []byte, value any) error {
	if err := json.Unmarshal(body, value); err != nil {
		return fmt.Errorf("answer %s: %w", excerpt(body), err)
	}
	return nil
}

func atLeast(name string, value, least int64) error {
	if value < least {
		return fmt.Errorf("%s = %d, want at least %d", name, value, least)
	}
	return nil
}

func notNegative(name string, seconds *float64) error {
	if seconds != nil && *seconds < 0 {
		return fmt.Errorf("%s = %g, want at least 0", name, *seconds)
	}
	return nil
}
