package gauge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/probe"
)

func TestAReadingCarriesEveryFigure(t *testing.T) {
	cpu, rss, pss, anonymous, offHeap := 0.5, int64(7000), int64(6000), int64(5000), int64(5000-(4000-1000))
	got := reading(probe.Reading{
		Settled:                true,
		ArrivalTotalAllocBytes: 1,
		ArrivalCPUSeconds:      &cpu,
		ArrivalGCCPUSeconds:    0.25,
		LiveHeapBytes:          2,
		LiveObjects:            3,
		Goroutines:             4,
		StackBytes:             5,
		SysBytes:               4000,
		ReleasedBytes:          1000,
		InUseBytes:             6,
		IdleBytes:              7,
		TotalAllocBytes:        8,
		TotalMallocs:           9,
		GCCycles:               10,
		GCCPUSeconds:           11,
	}, Footprint{RSSBytes: &rss, PSSBytes: &pss, AnonymousBytes: &anonymous})
	want := Reading{
		Checkpoint: harness.Checkpoint{
			LiveHeapBytes:   2,
			LiveObjects:     3,
			Goroutines:      4,
			StackBytes:      5,
			SysBytes:        4000,
			ReleasedBytes:   1000,
			InUseBytes:      6,
			IdleBytes:       7,
			RSSBytes:        &rss,
			PSSBytes:        &pss,
			OffHeapBytes:    &offHeap,
			TotalAllocBytes: 8,
			TotalMallocs:    9,
			GCCycles:        10,
			GCCPUSeconds:    11,
		},
		Settled:             true,
		ArrivalAllocBytes:   1,
		ArrivalCPUSeconds:   &cpu,
		ArrivalGCCPUSeconds: new(0.25),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
}

func TestOffHeapIsUnknownWithoutAFootprint(t *testing.T) {
	if r := reading(probe.Reading{SysBytes: 4000}, Footprint{}); r.OffHeapBytes != nil {
		t.Errorf("off-heap = %d, want unknown", *r.OffHeapBytes)
	}
}

func TestASampleCarriesEveryFigure(t *testing.T) {
	got, err := New("", 0).sample([]byte(`{"heap_bytes":1,"live_heap_bytes":2,"in_use_bytes":3,"idle_bytes":4,"released_bytes":5,` +
		`"stack_bytes":6,"sys_bytes":7,"goroutines":8,"total_alloc_bytes":9,"gc_cycles":10,"gc_cpu_seconds":11,"cpu_seconds":12}`))
	cpu := 12.0
	want := harness.Sample{
		HeapBytes:       1,
		LiveHeapBytes:   2,
		InUseBytes:      3,
		IdleBytes:       4,
		ReleasedBytes:   5,
		StackBytes:      6,
		SysBytes:        7,
		Goroutines:      8,
		TotalAllocBytes: 9,
		GCCycles:        10,
		GCCPUSeconds:    11,
		CPUSeconds:      &cpu,
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sample (-want +got):\n%s", diff)
	}
}
