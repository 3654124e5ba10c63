package probe

import (
	"bytes"
	"encoding/json"
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMeterKnowsItsMetrics(t *testing.T) {
	kinds := map[string]metrics.ValueKind{}
	for _, d := range metrics.All() {
		kinds[d.Name] = d.Kind
	}
	for i, name := range metricNames {
		want := metrics.KindUint64
		if i == gcCPU {
			want = metrics.KindFloat64
		}
		if kinds[name] != want {
			t.Errorf("%s: kind %d, want %d: its figure would be 0", name, kinds[name], want)
		}
	}
}

func TestMeterAgreesWithMemStats(t *testing.T) {
	runtime.GC()
	m := newMeter()
	var stats runtime.MemStats
	m.read() // what the first reading allocates
	runtime.ReadMemStats(&stats)
	s := m.read()
	for _, figure := range []struct {
		name         string
		meter, stats int64
	}{
		{"heap", s.HeapBytes, int64(stats.HeapAlloc)},
		{"in use", s.InUseBytes, int64(stats.HeapInuse)},
		{"idle", s.IdleBytes, int64(stats.HeapIdle)},
		{"released", s.ReleasedBytes, int64(stats.HeapReleased)},
		{"stacks", s.StackBytes, int64(stats.StackInuse)},
		{"sys", s.SysBytes, int64(stats.Sys)},
		{"allocated", s.TotalAllocBytes, int64(stats.TotalAlloc)},
		{"collections", s.GCCycles, int64(stats.NumGC)},
		{"goroutines", s.Goroutines, int64(runtime.NumGoroutine())},
	} {
		// The scavenger and other tests' connections may act in between.
		if apart := figure.meter - figure.stats; max(apart, -apart) > figure.stats/4 {
			t.Errorf("%s = %d, MemStats says %d", figure.name, figure.meter, figure.stats)
		}
	}
}

func TestSampleCountsTheLastSmallAllocation(t *testing.T) {
	p := newProber(Config{})
	total := func() int64 {
		a, err := p.sample(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var s Sample
		if err := json.Unmarshal(a.body, &s); err != nil {
			t.Fatal(err)
		}
		return s.TotalAllocBytes
	}
	before := total()
	kept := make([]*[1408]byte, 0, 4)
	for range cap(kept) {
		kept = append(kept, new([1408]byte))
	}
	if got := total() - before; got < 4*1408 {
		t.Errorf("allocated = %d, want at least %d: it lags by the processors' caches", got, 4*1408)
	}
	runtime.KeepAlive(kept)
}

func TestSampleEncodesAsEncodingJSON(t *testing.T) {
	seconds := 1234.000001
	for _, want := range []Sample{
		{},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.25, &seconds},
		{HeapBytes: 1<<63 - 1, GCCPUSeconds: 1e-9},
	} {
		var got Sample
		decoder := json.NewDecoder(bytes.NewReader(want.appendJSON(nil)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&got); err != nil {
			t.Fatalf("%s: %v", want.appendJSON(nil), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	}
}

// A tick may allocate the CPU time that its sample points to, 8 bytes, and
// nothing else.
func TestReadingALineAllocatesNextToNothing(t *testing.T) {
	m := newMeter()
	if got := testing.AllocsPerRun(100, func() { m.readLine() }); got > 1 {
		t.Errorf("allocations = %v, want at most 1", got)
	}
}
