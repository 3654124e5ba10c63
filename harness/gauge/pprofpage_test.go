package gauge

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// goodPage is a heap page as Go 1.26 writes it, with figures that can be told
// apart and a function in it that has the figures' title in its name.
const goodPage = `heap profile: 1: 48 [2: 96] @ heap/1048576
1: 48 [2: 96] @ 0x1 0x2
#	0x1	main.work+0x1	/srv/# runtime.MemStats/main.go:1

# runtime.MemStats
# Alloc = 2000
# TotalAlloc = 9000
# Sys = 8000
# Lookups = 0
# Mallocs = 50
# Frees = 20
# HeapAlloc = 2000
# HeapSys = 7000
# HeapIdle = 1000
# HeapInuse = 3000
# HeapReleased = 500
# HeapObjects = 30
# Stack = 400 / 450
# MSpan = 1 / 2
# NextGC = 4000
# PauseNs = [1 2 3]
# NextGC = 4194304
# NumGC = 6
# NumForcedGC = 5
# GCCPUFraction = 1e-05
# DebugGC = false
# MaxRSS = 12000
`

func TestAHeapPageCarriesEveryFigure(t *testing.T) {
	m, err := parseHeapPage([]byte(goodPage))
	if err != nil {
		t.Fatal(err)
	}
	rss, pss, anonymous, offHeap := int64(7000), int64(6000), int64(9000), int64(9000-(8000-500))
	got := m.checkpoint(11, Footprint{RSSBytes: &rss, PSSBytes: &pss, AnonymousBytes: &anonymous})
	want := harness.Checkpoint{
		LiveHeapBytes:   2000,
		LiveObjects:     30,
		Goroutines:      11,
		StackBytes:      400,
		SysBytes:        8000,
		ReleasedBytes:   500,
		InUseBytes:      3000,
		IdleBytes:       1000,
		RSSBytes:        &rss,
		PSSBytes:        &pss,
		OffHeapBytes:    &offHeap,
		TotalAllocBytes: 9000,
		TotalMallocs:    50,
		GCCycles:        6,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checkpoint (-want +got):\n%s", diff)
	}
	if m.checkpoint(1, Footprint{}).OffHeapBytes != nil {
		t.Error("off-heap bytes without a footprint, want none")
	}
}

func TestAHeapPageThatNoGoProcessWrites(t *testing.T) {
	for name, test := range map[string]struct{ old, now, want string }{
		"a figure is missing":      {"# NumGC = 6\n", "", `figure NumGC = ""`},
		"a figure is no number":    {"Sys = 8000", "Sys = many", `figure Sys = "many"`},
		"a figure is too large":    {"Mallocs = 50", "Mallocs = 18446744073709551615", "want a number of at most 63 bits"},
		"no heap":                  {"HeapAlloc = 2000", "HeapAlloc = 0", "HeapAlloc = 0, want at least 1"},
		"more freed than made":     {"Frees = 20", "Frees = 50", "Mallocs = 50, want at least 51"},
		"more live than allocated": {"TotalAlloc = 9000", "TotalAlloc = 1999", "TotalAlloc = 1999, want at least 2000"},
		"more released than idle":  {"HeapReleased = 500", "HeapReleased = 1001", "HeapIdle = 1000, want at least 1001"},
		"more in use than held":    {"Sys = 8000", "Sys = 2999", "Sys = 2999, want at least 3000"},
	} {
		page := strings.Replace(goodPage, "# "+strings.TrimPrefix(test.old, "# "), "# "+strings.TrimPrefix(test.now, "# "), 1)
		if test.now == "" {
			page = strings.Replace(goodPage, test.old, "", 1)
		}
		if _, err := parseHeapPage([]byte(page)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
	}
}

// FuzzHeapPage looks for panics, and for figures that contradict each other.
func FuzzHeapPage(f *testing.F) {
	f.Add([]byte(goodPage))
	f.Add([]byte(heapPageStart + "\n" + memStatsTitle))
	f.Add([]byte(strings.ReplaceAll(goodPage, "0", "9")))
	f.Add([]byte("<html>"))
	var own bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&own, 1); err != nil {
		f.Fatal(err)
	}
	f.Add(own.Bytes())
	f.Fuzz(func(t *testing.T, page []byte) {
		m, err := parseHeapPage(page)
		if err == nil && (m.HeapAlloc < 1 || m.Mallocs-m.Frees < 1 || m.Sys < m.HeapReleased) {
			t.Errorf("read %+v without an error", m)
		}
	})
}
