package gauge

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// memStats is what a heap page says of the runtime: fields of
// [runtime.MemStats], under their names.
type memStats struct {
	TotalAlloc, Sys, Mallocs, Frees                          int64
	HeapAlloc, HeapIdle, HeapInuse, HeapReleased, StackInuse int64
	NumGC, NextGC                                            int64
}

// What a heap page begins with, and the line before its figures.
const (
	heapPageStart = "heap profile: "
	memStatsTitle = "# runtime.MemStats\n"
)

// parseHeapPage reads a heap page in text form, as all versions of Go write it,
// and rejects what no Go process can say of itself. The profile in it is left
// alone.
func parseHeapPage(page []byte) (memStats, error) {
	if !bytes.HasPrefix(page, []byte(heapPageStart)) {
		return memStats{}, fmt.Errorf("answer is no heap profile of a Go program: %s", excerpt(page))
	}
	// The figures come last; a function's name in the profile cannot hold a line.
	at := bytes.LastIndex(page, []byte(memStatsTitle))
	if at < 0 {
		return memStats{}, errors.New("heap profile ends before its figures: no line \"# runtime.MemStats\"")
	}
	values := map[string]string{}
	for line := range strings.Lines(string(page[at+len(memStatsTitle):])) {
		if name, value, ok := strings.Cut(strings.TrimPrefix(line, "# "), " = "); ok {
			values[name], _, _ = strings.Cut(strings.TrimSpace(value), " / ")
		}
	}
	var m memStats
	err := m.set(values)
	return m, errors.Join(err, m.check(err))
}

// set fills in the figures, all of which a page must have.
func (m *memStats) set(values map[string]string) error {
	var errs []error
	for name, field := range map[string]*int64{
		"TotalAlloc": &m.TotalAlloc, "Sys": &m.Sys, "Mallocs": &m.Mallocs, "Frees": &m.Frees,
		"HeapAlloc": &m.HeapAlloc, "HeapIdle": &m.HeapIdle, "HeapInuse": &m.HeapInuse, "HeapReleased": &m.HeapReleased,
		"Stack": &m.StackInuse, "NumGC": &m.NumGC, "NextGC": &m.NextGC,
	} {
		v, err := strconv.ParseInt(values[name], 10, 64)
		if err != nil {
			errs = append(errs, fmt.Errorf("figure %s = %.40q, want a number of at most 63 bits", name, values[name]))
		}
		*field = v
	}
	return errors.Join(errs...)
}

// check rejects figures that contradict each other, where all could be read.
func (m *memStats) check(unread error) error {
	if unread != nil {
		return nil
	}
	return errors.Join(
		atLeast("HeapAlloc", m.HeapAlloc, 1),
		atLeast("Frees", m.Frees, 0),
		atLeast("Mallocs", m.Mallocs, m.Frees+1),
		atLeast("TotalAlloc", m.TotalAlloc, m.HeapAlloc),
		atLeast("Stack", m.StackInuse, 1),
		atLeast("HeapReleased", m.HeapReleased, 0),
		atLeast("HeapIdle", m.HeapIdle, m.HeapReleased),
		atLeast("HeapInuse", m.HeapInuse, m.HeapAlloc),
		atLeast("Sys", m.Sys, max(m.HeapInuse, m.HeapIdle)),
		atLeast("NumGC", m.NumGC, 0),
		atLeast("NextGC", m.NextGC, 0),
	)
}

// live is the heap that the last collection left, as far as the goal of the next
// one tells: at GOGC=100, which a page does not say, that is twice what is live,
// with stacks and globals.
func (m *memStats) live() int64 { return m.NextGC / 2 }

// checkpoint is the figures after the collections, with what other pages and the
// kernel say.
func (m *memStats) checkpoint(goroutines int64, f Footprint) harness.Checkpoint {
	c := harness.Checkpoint{
		LiveHeapBytes:   m.HeapAlloc,
		LiveObjects:     m.Mallocs - m.Frees,
		Goroutines:      goroutines,
		StackBytes:      m.StackInuse,
		SysBytes:        m.Sys,
		ReleasedBytes:   m.HeapReleased,
		InUseBytes:      m.HeapInuse,
		IdleBytes:       m.HeapIdle,
		RSSBytes:        f.RSSBytes,
		PSSBytes:        f.PSSBytes,
		HeapRSSBytes:    f.GoHeapBytes,
		TotalAllocBytes: m.TotalAlloc,
		TotalMallocs:    m.Mallocs,
		GCCycles:        m.NumGC,
	}
	c.OffHeapBytes = f.offHeap(m.Sys, m.HeapReleased)
	return c
}
