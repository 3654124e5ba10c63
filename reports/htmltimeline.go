package reports

import (
	"math"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// htmlTimeline is the samples of a variant under load, a list for each curve.
// Null is what could not be read.
type htmlTimeline struct {
	Seconds    []float64  `json:"seconds"`
	Live       []*int64   `json:"live"`
	InUse      []*int64   `json:"inUse"`
	Idle       []*int64   `json:"idle"`
	Released   []*int64   `json:"released"`
	Stacks     []*int64   `json:"stacks"`
	RSS        []*int64   `json:"rss"`
	Goroutines []*int64   `json:"goroutines"`
	CPU        []*float64 `json:"cpu"`  // cores in use since the sample before
	Rate       []*float64 `json:"rate"` // requests a second
	P99        []*float64 `json:"p99"`  // latency, in seconds
}

// curves are what decides which samples are drawn.
var curves = []func(harness.Sample) int64{
	func(s harness.Sample) int64 { return s.LiveHeapBytes },
	func(s harness.Sample) int64 { return s.InUseBytes },
	func(s harness.Sample) int64 { return s.IdleBytes },
	func(s harness.Sample) int64 { return s.ReleasedBytes },
	func(s harness.Sample) int64 { return s.StackBytes },
	func(s harness.Sample) int64 { return s.Goroutines },
	func(s harness.Sample) int64 {
		if s.RSSBytes == nil {
			return 0
		}
		return *s.RSSBytes
	},
	func(s harness.Sample) int64 { return int64(1e9 * orZero(s.LatencyP99Seconds)) },
	func(s harness.Sample) int64 { return int64(1e3 * orZero(s.RatePerSecond)) },
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

func newHTMLTimeline(samples []harness.Sample, points int) htmlTimeline {
	t := htmlTimeline{Seconds: []float64{}, RSS: []*int64{}, CPU: []*float64{}, Rate: []*float64{}, P99: []*float64{}}
	for _, curve := range []*[]*int64{&t.Live, &t.InUse, &t.Idle, &t.Released, &t.Stacks, &t.Goroutines} {
		*curve = []*int64{}
	}
	before := -1
	for _, i := range extremes(samples, points) {
		s := samples[i]
		t.Seconds = append(t.Seconds, math.Round(s.AtSeconds*1000)/1000)
		t.Live = append(t.Live, read(s, s.LiveHeapBytes))
		t.InUse = append(t.InUse, read(s, s.InUseBytes))
		t.Idle = append(t.Idle, read(s, s.IdleBytes))
		t.Released = append(t.Released, read(s, s.ReleasedBytes))
		t.Stacks = append(t.Stacks, read(s, s.StackBytes))
		t.RSS = append(t.RSS, s.RSSBytes)
		t.Goroutines = append(t.Goroutines, read(s, s.Goroutines))
		var cores *float64
		if before >= 0 {
			cores = coresBetween(samples[before], s)
		}
		t.CPU = append(t.CPU, cores)
		t.Rate = append(t.Rate, s.RatePerSecond)
		t.P99 = append(t.P99, s.LatencyP99Seconds)
		before = i
	}
	return t
}

// read is a figure of Go's runtime; nil of a sample that is a footprint alone, as
// those of a service without a probe are.
func read(s harness.Sample, figure int64) *int64 {
	if s.InUseBytes == 0 {
		return nil
	}
	return &figure
}

// coresBetween is how many cores were in use on average; nil where that was not
// measured.
func coresBetween(a, b harness.Sample) *float64 {
	if a.CPUSeconds == nil || b.CPUSeconds == nil || b.AtSeconds <= a.AtSeconds {
		return nil
	}
	return new(math.Round((*b.CPUSeconds-*a.CPUSeconds)/(b.AtSeconds-a.AtSeconds)*1000) / 1000)
}

// extremes is the indices of at most n samples, in order: all of them, or, of even
// parts of the whole, those at which a curve is smallest or largest. So a peak is
// never lost, and every point that is drawn was measured.
func extremes(samples []harness.Sample, n int) []int {
	if len(samples) <= n {
		return spread(len(samples), n)
	}
	parts := (n - 2) / (2 * len(curves))
	if parts < 1 {
		return spread(len(samples), n)
	}
	kept := []int{0, len(samples) - 1}
	for part := range parts {
		from, to := part*len(samples)/parts, (part+1)*len(samples)/parts
		for _, curve := range curves {
			low, high := from, from
			for i := from + 1; i < to; i++ {
				switch y := curve(samples[i]); {
				case y < curve(samples[low]):
					low = i
				case y > curve(samples[high]):
					high = i
				}
			}
			kept = append(kept, low, high)
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}
