package sweep

import (
	"math"

	"github.com/leaklab/leaklab/harness"
)

// Metric is a figure that variants are compared by.
type Metric struct {
	// Name is what a reader calls it.
	Name string
	Unit Unit
	// Tie is the ratio up to which two figures say nothing of which is smaller. Zero:
	// they are never compared.
	Tie float64
	// More tells that the larger figure is the better one.
	More bool
	// Of is the figure of a point under a latency bound in seconds; nil where it is
	// not known.
	Of func(p Point, bound float64) *float64
}

// Unit is what a metric counts.
type Unit string

// The units.
const (
	Bytes     Unit = "bytes"
	Seconds   Unit = "seconds"
	PerSecond Unit = "requests/s"
)

// Ties of figures. Two runs of one program differed by 0.2 % in churn and by 44 % in
// CPU time (2 shared and busy cores, 2026-11-24): see package compare. Times that
// others' work is in differ by more, the median twofold, the 99th percentile
// twentyfold, the highest rate sixfold: they are never compared.
const (
	bytesTie = 1.1
	cpuTie   = 1.5
)

// Metrics are the figures of a sweep, in the order of a report.
var Metrics = []Metric{
	{Name: "live heap", Unit: Bytes, Tie: bytesTie, Of: figure(func(f Figures) *float64 { return f.LiveHeapBytes })},
	{Name: "RSS", Unit: Bytes, Tie: bytesTie, Of: figure(func(f Figures) *float64 { return f.RSSBytes })},
	{Name: "in Redis", Unit: Bytes, Tie: bytesTie, Of: figure(func(f Figures) *float64 { return f.RedisBytes })},
	{Name: "retained a request", Unit: Bytes, Of: figure(func(f Figures) *float64 { return f.RetainedBytesPerRequest })},
	{Name: "churn a request", Unit: Bytes, Tie: bytesTie, Of: figure(func(f Figures) *float64 { return f.ChurnBytesPerRequest })},
	{Name: "CPU a request", Unit: Seconds, Tie: cpuTie, Of: figure(func(f Figures) *float64 { return f.CPUSecondsPerRequest })},
	{Name: "latency p50", Unit: Seconds, Of: figure(func(f Figures) *float64 { return f.LatencyP50Seconds })},
	{Name: "latency p99", Unit: Seconds, Of: figure(func(f Figures) *float64 { return f.LatencyP99Seconds })},
	{Name: "rate within the bound", Unit: PerSecond, More: true, Of: fastest},
}

func figure(of func(Figures) *float64) func(Point, float64) *float64 {
	return func(p Point, _ float64) *float64 {
		if p.Figures == nil {
			return nil
		}
		return of(*p.Figures)
	}
}

// fastest is zero where every step was over the bound.
func fastest(p Point, bound float64) *float64 {
	if len(p.Steps) == 0 {
		return nil
	}
	s, _ := Fastest(p.Steps, bound)
	return new(s.RatePerSecond)
}

// valueOf is a metric of a point, NaN where it is not known for certain.
func (m Metric) valueOf(p Point, bound float64) float64 {
	settled := p.Figures != nil && p.Figures.Verdict != harness.Inconclusive
	if v := m.Of(p, bound); settled && v != nil {
		return *v
	}
	return math.NaN()
}
