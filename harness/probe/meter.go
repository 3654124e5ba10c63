package probe

import (
	"runtime"
	"runtime/metrics"
	"strconv"
)

// Sample is the process as it works: no collection was made for it and, in a
// stream, the world was not stopped. A nil pointer is a figure that this system
// does not tell.
type Sample struct {
	HeapBytes       int64    `json:"heap_bytes"`      // live objects and garbage not yet swept
	LiveHeapBytes   int64    `json:"live_heap_bytes"` // as of the last collection
	InUseBytes      int64    `json:"in_use_bytes"`    // spans that hold objects
	IdleBytes       int64    `json:"idle_bytes"`      // spans that hold none, released ones included
	ReleasedBytes   int64    `json:"released_bytes"`  // given back to the system
	StackBytes      int64    `json:"stack_bytes"`
	SysBytes        int64    `json:"sys_bytes"` // obtained from the system
	Goroutines      int64    `json:"goroutines"`
	TotalAllocBytes int64    `json:"total_alloc_bytes"` // since the start, as are the next three
	GCCycles        int64    `json:"gc_cycles"`
	GCCPUSeconds    float64  `json:"gc_cpu_seconds"`
	CPUSeconds      *float64 `json:"cpu_seconds"`
}

// The metrics of a meter, by their place in it.
const (
	heapObjects = iota
	heapUnused
	heapFree
	heapReleased
	heapStacks
	heapLive
	sysTotal
	totalAlloc
	gcCycles
	gcCPU
	metricCount
)

var metricNames = [metricCount]string{
	heapObjects:  "/memory/classes/heap/objects:bytes",
	heapUnused:   "/memory/classes/heap/unused:bytes",
	heapFree:     "/memory/classes/heap/free:bytes",
	heapReleased: "/memory/classes/heap/released:bytes",
	heapStacks:   "/memory/classes/heap/stacks:bytes",
	heapLive:     "/gc/heap/live:bytes",
	sysTotal:     "/memory/classes/total:bytes",
	totalAlloc:   "/gc/heap/allocs:bytes",
	gcCycles:     "/gc/cycles/total:gc-cycles",
	gcCPU:        "/cpu/classes/gc/total:cpu-seconds",
}

// meter reads samples. It owns what a reading needs, so that reading again
// allocates nothing; it serves one goroutine.
type meter struct {
	metrics [metricCount]metrics.Sample
	line    []byte
}

func newMeter() *meter {
	m := &meter{line: make([]byte, 0, 1024)}
	for i, name := range metricNames {
		m.metrics[i].Name = name
	}
	return m
}

// read is the process now.
func (m *meter) read() Sample {
	metrics.Read(m.metrics[:])
	return Sample{
		HeapBytes:     m.count(heapObjects),
		LiveHeapBytes: m.count(heapLive),
		InUseBytes:    m.count(heapObjects) + m.count(heapUnused),
		IdleBytes:     m.count(heapFree) + m.count(heapReleased),
		ReleasedBytes: m.count(heapReleased),
		StackBytes:    m.count(heapStacks),
		SysBytes:      m.count(sysTotal),
		// Note: not /sched/goroutines, which counts the runtime's own as well.
		Goroutines:      int64(runtime.NumGoroutine()),
		TotalAllocBytes: m.count(totalAlloc),
		GCCycles:        m.count(gcCycles),
		GCCPUSeconds:    m.seconds(gcCPU),
		CPUSeconds:      cpuSeconds(),
	}
}

// readLine is the process now as one line of a stream, valid until the next.
func (m *meter) readLine() []byte {
	s := m.read()
	m.line = append(s.appendJSON(m.line[:0]), '\n')
	return m.line
}

// count is the value of a metric, 0 if a later Go no longer has it: a probe
// must not take its service down.
func (m *meter) count(i int) int64 {
	if v := m.metrics[i].Value; v.Kind() == metrics.KindUint64 {
		return int64(v.Uint64())
	}
	return 0
}

func (m *meter) seconds(i int) float64 {
	if v := m.metrics[i].Value; v.Kind() == metrics.KindFloat64 {
		return v.Float64()
	}
	return 0
}

// appendJSON appends what encoding/json makes of the sample, without
// allocating.
func (s *Sample) appendJSON(b []byte) []byte {
	integer := func(key string, v int64) {
		b = append(append(b, key...), ':')
		b = append(strconv.AppendInt(b, v, 10), ',')
	}
	b = append(b, '{')
	integer(`"heap_bytes"`, s.HeapBytes)
	integer(`"live_heap_bytes"`, s.LiveHeapBytes)
	integer(`"in_use_bytes"`, s.InUseBytes)
	integer(`"idle_bytes"`, s.IdleBytes)
	integer(`"released_bytes"`, s.ReleasedBytes)
	integer(`"stack_bytes"`, s.StackBytes)
	integer(`"sys_bytes"`, s.SysBytes)
	integer(`"goroutines"`, s.Goroutines)
	integer(`"total_alloc_bytes"`, s.TotalAllocBytes)
	integer(`"gc_cycles"`, s.GCCycles)
	b = append(b, `"gc_cpu_seconds":`...)
	b = strconv.AppendFloat(b, s.GCCPUSeconds, 'f', -1, 64)
	b = append(b, `,"cpu_seconds":`...)
	if s.CPUSeconds == nil {
		b = append(b, `null`...)
	} else {
		b = strconv.AppendFloat(b, *s.CPUSeconds, 'f', -1, 64)
	}
	return append(b, '}')
}
