package reports

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// largeRecord is the golden record with as much as a long run may hold: 100 000
// points of the timeline, 10 000 sites, 1 000 checkpoints.
func largeRecord(t testing.TB) harness.Record {
	r := goldenRecord(t)
	v := &r.Variants[0]
	sample, site, checkpoint := v.Timeline[0], v.Blame[0], v.Checkpoints[1]
	v.Timeline, v.Blame, v.Checkpoints = nil, nil, v.Checkpoints[:1]
	for i := range 100_000 {
		sample.AtSeconds = float64(i) / 10
		v.Timeline = append(v.Timeline, sample)
	}
	for i := range 10_000 {
		site.Line = i + 1
		v.Blame = append(v.Blame, site)
	}
	for i := range 1000 {
		checkpoint.Requests = 40 * (i + 1)
		checkpoint.LiveHeapBytes += 40 * 54374
		v.Checkpoints = append(v.Checkpoints, checkpoint)
	}
	return r
}

// TestLargeRecordsTakeLittleMemory bounds what a renderer allocates in all, and
// so what it holds at any time. JSON is not among them: it is the whole record.
func TestLargeRecordsTakeLittleMemory(t *testing.T) {
	const most = 200 << 20
	r := largeRecord(t)
	for ext, draw := range renderers {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := draw(io.Discard, r, goldenOptions); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%s: %d MiB are allocated, want at most %d", ext, got>>20, most>>20)
		}
	}
}

func BenchmarkRenderers(b *testing.B) {
	r := largeRecord(b)
	for ext, draw := range renderers {
		b.Run(fmt.Sprintf("format=%s", ext[1:]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := draw(io.Discard, r, goldenOptions); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
