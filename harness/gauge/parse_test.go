package gauge

import (
	"math"
	"strings"
	"testing"
)

const (
	goodReading = `{"settled":true,"arrival_total_alloc_bytes":900,"arrival_cpu_seconds":0.5,"arrival_gc_cpu_seconds":0.25,"live_heap_bytes":200,` +
		`"live_objects":4,"goroutines":3,"stack_bytes":64,"sys_bytes":2000,"released_bytes":100,"in_use_bytes":300,` +
		`"idle_bytes":400,"total_alloc_bytes":1000,"total_mallocs":40,"gc_cycles":2,"gc_cpu_seconds":0.25}`
	goodSample = `{"heap_bytes":200,"live_heap_bytes":0,"in_use_bytes":300,"idle_bytes":0,"released_bytes":0,` +
		`"stack_bytes":64,"sys_bytes":2000,"goroutines":7,"total_alloc_bytes":1000,"gc_cycles":0,"gc_cpu_seconds":0,"cpu_seconds":0.5}`
)

func TestReadingsThatNoProcessHasAreRejected(t *testing.T) {
	if r, err := parseReading([]byte(goodReading)); err != nil || !r.Settled || r.LiveObjects != 4 {
		t.Fatalf("good reading = %+v, %v", r, err)
	}
	for _, test := range []struct{ old, new, want string }{
		{`"live_heap_bytes":200`, `"live_heap_bytes":-200`, "live_heap_bytes = -200, want at least 1"},
		{`"live_heap_bytes":200`, `"live_heap_bytes":400`, "in_use_bytes = 300, want at least 400"},
		{`"live_heap_bytes":200`, `"live_heap_bytes":2e2`, "cannot unmarshal"},
		{`"live_heap_bytes":200`, `"live_heap_bytes":NaN`, "invalid character"},
		{`"live_heap_bytes":200,`, ``, "live_heap_bytes = 0, want at least 1"},
		{`"live_objects":4`, `"live_objects":0`, "live_objects = 0, want at least 1"},
		{`"arrival_total_alloc_bytes":900,`, ``, "arrival_total_alloc_bytes = 0, want at least 1"},
		{`"live_objects":4`, `"live_objects":41`, "total_mallocs = 40, want at least 41"},
		{`"goroutines":3`, `"goroutines":0`, "goroutines = 0, want at least 1"},
		{`"stack_bytes":64`, `"stack_bytes":null`, "stack_bytes = 0, want at least 1"},
		{`"sys_bytes":2000`, `"sys_bytes":20`, "sys_bytes = 20, want at least 400"},
		{`"released_bytes":100`, `"released_bytes":401`, "idle_bytes = 400, want at least 401"},
		{`"released_bytes":100`, `"released_bytes":-1`, "released_bytes = -1, want at least 0"},
		{`"total_alloc_bytes":1000`, `"total_alloc_bytes":899`, "total_alloc_bytes = 899, want at least 900"},
		{`"total_alloc_bytes":1000`, `"total_alloc_bytes":9223372036854775808`, "cannot unmarshal"},
		{`"gc_cycles":2`, `"gc_cycles":1`, "gc_cycles = 1, want at least 2"},
		{`"gc_cpu_seconds":0.25`, `"gc_cpu_seconds":-0.25`, "gc_cpu_seconds = -0.25, want at least 0"},
		{`"gc_cpu_seconds":0.25`, `"gc_cpu_seconds":1e999`, "cannot unmarshal"},
		{`"arrival_gc_cpu_seconds":0.25`, `"arrival_gc_cpu_seconds":-1`, "arrival_gc_cpu_seconds = -1, want at least 0"},
		{`"arrival_cpu_seconds":0.5`, `"arrival_cpu_seconds":-1`, "arrival_cpu_seconds = -1, want at least 0"},
	} {
		body := strings.Replace(goodReading, test.old, test.new, 1)
		if r, err := parseReading([]byte(body)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s instead of %s: %+v, %v; want %q", test.new, test.old, r, err, test.want)
		}
	}
}

func TestSamplesThatNoProcessHasAreRejected(t *testing.T) {
	if s, err := parseSample([]byte(goodSample)); err != nil || s.Goroutines != 7 {
		t.Fatalf("good sample = %+v, %v", s, err)
	}
	for _, test := range []struct{ old, new, want string }{
		{`"heap_bytes":200,`, ``, "heap_bytes = 0, want at least 1"},
		{`"live_heap_bytes":0`, `"live_heap_bytes":-1`, "live_heap_bytes = -1, want at least 0"},
		{`"in_use_bytes":300`, `"in_use_bytes":0`, "in_use_bytes = 0, want at least 1"},
		{`"idle_bytes":0`, `"idle_bytes":-1`, "idle_bytes = -1, want at least 0"},
		{`"released_bytes":0`, `"released_bytes":-1`, "released_bytes = -1, want at least 0"},
		{`"stack_bytes":64`, `"stack_bytes":null`, "stack_bytes = 0, want at least 1"},
		{`"sys_bytes":2000,`, ``, "sys_bytes = 0, want at least 1"},
		{`"goroutines":7`, `"goroutines":0`, "goroutines = 0, want at least 1"},
		{`"total_alloc_bytes":1000`, `"total_alloc_bytes":-1000`, "total_alloc_bytes = -1000, want at least 1"},
		{`"gc_cycles":0`, `"gc_cycles":-1`, "gc_cycles = -1, want at least 0"},
		{`"gc_cpu_seconds":0`, `"gc_cpu_seconds":-1e-9`, "gc_cpu_seconds = -1e-09, want at least 0"},
		{`"cpu_seconds":0.5`, `"cpu_seconds":-0.5`, "cpu_seconds = -0.5, want at least 0"},
	} {
		line := strings.Replace(goodSample, test.old, test.new, 1)
		if s, err := parseSample([]byte(line)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s instead of %s: %+v, %v; want %q", test.new, test.old, s, err, test.want)
		}
	}
}

func TestUnknownFiguresStayUnknown(t *testing.T) {
	for _, cpu := range []string{`"arrival_cpu_seconds":null`, `"added_later":1`} {
		body := strings.Replace(goodReading, `"arrival_cpu_seconds":0.5`, cpu, 1)
		if r, err := parseReading([]byte(body)); err != nil || r.ArrivalCPUSeconds != nil {
			t.Errorf("%s: %+v, %v; want CPU time unknown", cpu, r, err)
		}
	}
}

func TestABuildHasAGoVersion(t *testing.T) {
	if b, err := parseBuild([]byte(`{"go_version":"go1.26.8"}`)); err != nil || b.GoVersion != "go1.26.8" {
		t.Errorf("build = %+v, %v", b, err)
	}
	if _, err := parseBuild([]byte(`{"status":"ok"}`)); err == nil {
		t.Error("no error for an answer without a version")
	}
}

// sane fails if any of the figures is one that a fit must not see.
func sane(t *testing.T, counts []int64, seconds ...*float64) {
	for i, v := range counts {
		if v < 0 {
			t.Errorf("count %d = %d was accepted", i, v)
		}
	}
	for i, v := range seconds {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0) || *v < 0) {
			t.Errorf("time %d = %g was accepted", i, *v)
		}
	}
}

func FuzzParseReading(f *testing.F) {
	for _, seed := range []string{goodReading, `{}`, `null`, `[]`, ``, "\xff", `{"live_heap_bytes":1e999}`, goodReading[:100]} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseReading(body)
		if err != nil {
			return
		}
		sane(t, []int64{r.LiveHeapBytes, r.LiveObjects, r.Goroutines, r.StackBytes, r.SysBytes, r.ReleasedBytes, r.InUseBytes,
			r.IdleBytes, r.TotalAllocBytes, r.TotalMallocs, r.GCCycles, r.ArrivalTotalAllocBytes, r.SysBytes - r.ReleasedBytes},
			&r.GCCPUSeconds, r.ArrivalCPUSeconds)
	})
}

func FuzzParseSample(f *testing.F) {
	for _, seed := range []string{goodSample, `{}`, `null`, `[]`, ``, "\x00\n", `{"cpu_seconds":-0.0}`, goodSample[:50]} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := parseSample(line)
		if err != nil {
			return
		}
		sane(t, []int64{s.HeapBytes, s.LiveHeapBytes, s.InUseBytes, s.IdleBytes, s.ReleasedBytes, s.StackBytes, s.SysBytes,
			s.Goroutines, s.TotalAllocBytes, s.GCCycles}, &s.GCCPUSeconds, s.CPUSeconds)
	})
}
