package judge

import "github.com/leaklab/leaklab/harness"

// Floor is the growth below which a reading cannot tell a leak from the noise of
// the runtime, by the way that memory is read.
type Floor struct {
	// Slopes below these are no growth.
	BytesPerRequest      float64
	ObjectsPerRequest    float64
	GoroutinesPerRequest float64
	OffHeapPerRequest    float64
	// Slacks are what a clean target may add in all, whenever it happens.
	SlackBytes      float64
	SlackObjects    float64
	SlackGoroutines float64
	SlackOffHeap    float64
	// OffHeapBytes is the least total growth of off-heap memory that accuses.
	OffHeapBytes float64
	// Continuous says that the target was never stopped for a reading: the live
	// heap is that of its own last collection, and requests were on their way.
	Continuous bool
}

// Off-heap memory is read off the mappings outside the arenas of Go's heap, which
// the runtime's own bookkeeping touches little by little: clean targets grew by
// 127 to 283 KB in 960 requests, by 24 KB at the 95th percentile between two
// checkpoints and by 90 KB at most (12 services twice, 704 differences, 2026-11).
// Where the arenas are not known it is read beyond what the runtime says that it
// holds; that moved by up to 4.2 MiB between two checkpoints.
const (
	slackOffHeap       = 512 << 10
	leastOffHeap       = 768 << 10
	coarseSlackOffHeap = 4 << 20
	coarseLeastOffHeap = 2 << 20
)

// offHeap is the floor for the way in which off-heap memory was read.
func (f Floor) offHeap(checkpoints []harness.Checkpoint) Floor {
	for _, c := range checkpoints {
		if c.HeapRSSBytes == nil {
			f.SlackOffHeap, f.OffHeapBytes = max(f.SlackOffHeap, coarseSlackOffHeap), max(f.OffHeapBytes, coarseLeastOffHeap)
			return f
		}
	}
	return f
}

// ProbeFloor is the floor of targets that are pre-warmed and read through the
// probe. Theil–Sen's lower bound on clean targets, six side by side on two
// shared cores, Go 1.26, 100 kept-alive connections, segments of 40 requests,
// 2026-11: at most 2.8 B and 0.03 objects a request over 246 windows of 8 to 20
// rounds; goroutines never moved. The floors leave 1.4 and 1.7 times that, and
// still catch one leaked 8-byte object in ten requests.
//
// The slacks are the runtime's struct of a new thread, which is never freed
// (5 576 B in 7 objects), and a goroutine that a driver starts when it first
// needs it.
//
// If it trips on a clean variant: read the blame table first; then measure the
// clean variants again (make aa), and raise the floor with that measurement.
var ProbeFloor = Floor{
	BytesPerRequest:      4,
	ObjectsPerRequest:    0.05,
	GoroutinesPerRequest: 0.001,
	OffHeapPerRequest:    256,
	SlackBytes:           5576,
	SlackObjects:         7,
	SlackGoroutines:      1,
	SlackOffHeap:         slackOffHeap,
	OffHeapBytes:         leastOffHeap,
}

// PprofFloor is the floor of targets that are read through net/http/pprof alone,
// after a burst of connections in place of the pre-warm. Clean programs drift by
// 1 to 7 B a request there, and a reading toggles by a buffer of 2 KB that its
// own request holds; their objects do not drift (0.002 a request after a burst,
// 0.009 without). Between rounds of 400 requests of real programs the
// differences are 9.2 KB and 63 objects at the 95th percentile (192 readings,
// 2026-11): the slacks are a little above those.
var PprofFloor = Floor{
	BytesPerRequest:      8,
	ObjectsPerRequest:    0.1,
	GoroutinesPerRequest: 0.002,
	OffHeapPerRequest:    256,
	SlackBytes:           12 << 10,
	SlackObjects:         70,
	SlackGoroutines:      2,
	SlackOffHeap:         slackOffHeap,
	OffHeapBytes:         leastOffHeap,
}

// FootprintFloor is the floor of targets of which only the footprint is read. An
// allocator gives back late or never, and takes from the system in steps: the
// footprint of a clean one moves by megabytes, most of it at first.
var FootprintFloor = Floor{
	OffHeapPerRequest: 256,
	SlackOffHeap:      4 << 20,
	OffHeapBytes:      4 << 20,
}

// ContinuousFloor is the floor of targets that are neither drained nor collected:
// pools, requests under way and what a single collection leaves are in the live
// heap of each reading. Between two readings of clean targets it moved by 404 KB
// in the median, 1.26 MB at the 95th percentile and 1.38 MB at most, goroutines by
// 2 at most (12 services twice, 100 connections, 1 000 requests/s, 762
// differences, 2026-11); their slopes over 25 to 48 readings were 72 B a request at
// most. Live objects are not read.
var ContinuousFloor = Floor{
	Continuous:           true,
	BytesPerRequest:      128,
	GoroutinesPerRequest: 0.002,
	OffHeapPerRequest:    256,
	SlackBytes:           1536 << 10,
	SlackGoroutines:      4,
	SlackOffHeap:         coarseSlackOffHeap,
	OffHeapBytes:         coarseLeastOffHeap,
}

// floorOf is the floor of a way to read memory.
func floorOf(gauge harness.GaugeKind) Floor {
	switch gauge {
	case harness.GaugePprof:
		return PprofFloor
	case harness.GaugeFootprint:
		return FootprintFloor
	case harness.GaugeContinuous:
		return ContinuousFloor
	}
	return ProbeFloor
}
