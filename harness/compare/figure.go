package compare

import (
	"math"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// Figure is one measurement of both runs, in base units.
type Figure struct {
	Code string `json:"code"`
	Unit string `json:"unit"`
	// Base and Head are null where it was not measured, Change where one of them
	// is.
	Base   *Estimate `json:"base"`
	Head   *Estimate `json:"head"`
	Change *Estimate `json:"change"`
	// Direction is empty where it cannot be told: without an interval, or where
	// the growth had an end, whose slope says how much of it was seen.
	Direction Direction `json:"direction"`
	// Decides tells whether a change for the worse makes the variant worse. Time
	// does not: it is the machine's as much as the code's.
	Decides bool `json:"decides"`
}

// The figures.
const (
	Slope      = "slope"
	Objects    = "objects"
	Goroutines = "goroutines"
	Growth     = "growth"
	Churn      = "churn"
	CPU        = "cpu"
	LatencyP50 = "latency-p50"
	LatencyP99 = "latency-p99"
)

// Direction is where a figure went, beyond its interval. All figures are better
// the smaller they are.
type Direction string

// The directions.
const (
	Rose Direction = "worse"
	Fell Direction = "better"
	Held Direction = "same"
)

// Estimate is a value and the 98 % interval that holds it; Low and High are null
// where none is known.
type Estimate struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// What the figures of an unchanged program differ by between two runs, beyond the
// intervals of either: another layout of memory, other moments of collection. The
// lower end of the change was at most, over 56 pairs of eight runs of the fraud
// check's six variants at 300 requests/s (2 shared and busy cores, Go 1.26,
// 2026-11-24), 0.93 B and 0.02 objects a request, which the judge's floors hold;
// nothing of a leak's 77 KiB; of churn 181 B of 83 KiB and 120 B of 5.5 KiB. CPU
// time rose by 44 % and the 99th percentile of latency twentyfold, which is why
// they decide nothing. If a pair of equal programs is told apart: compare them
// eight times over, and raise these with that measurement.
const (
	// relativeNoise is a share of the base's figure: ten times that of 83 KiB.
	relativeNoise = 0.02
	// churnNoise is in bytes a request: twice the 120 B.
	churnNoise = 256
)

// change is head − base. Its interval combines those of the two by the distances
// of their ends from their values (MOVER: Zou and Donner 2008), which need not be
// symmetric.
func change(base, head *Estimate) *Estimate {
	if base == nil || head == nil {
		return nil
	}
	c := Estimate{Value: head.Value - base.Value}
	if base.Low != nil && base.High != nil && head.Low != nil && head.High != nil {
		c.Low = new(c.Value - math.Hypot(head.Value-*head.Low, *base.High-base.Value))
		c.High = new(c.Value + math.Hypot(*head.High-head.Value, base.Value-*base.Low))
	}
	return &c
}

// newFigure sets two estimates side by side. A change within floor, or within
// the noise between two runs, is none.
func newFigure(code, unit string, floor float64, base, head *Estimate) Figure {
	f := Figure{Code: code, Unit: unit, Base: base, Head: head, Change: change(base, head)}
	if f.Change == nil || f.Change.Low == nil {
		return f
	}
	allowed := max(floor, relativeNoise*math.Abs(base.Value))
	switch {
	case *f.Change.Low > allowed:
		f.Direction = Rose
	case *f.Change.High < -allowed:
		f.Direction = Fell
	default:
		f.Direction = Held
	}
	return f
}

// figures are all that compare between two results. growthDecides is false where
// a new leak is let pass: its growth is then as well.
func (p twin) figures(period period, growthDecides bool) []Figure {
	var base harness.Result
	if p.base != nil {
		base = *p.base
	}
	head := p.head
	floor := judge.ProbeFloor
	if head.Gauge == harness.GaugePprof {
		floor = judge.PprofFloor
	}
	requests := period.requests(base, head)
	growing := []Figure{
		newFigure(Slope, "bytes/request", floor.BytesPerRequest, slopeOf(base), slopeOf(head)),
		newFigure(Objects, "objects/request", floor.ObjectsPerRequest, perRequest(base, objects), perRequest(head, objects)),
		newFigure(Goroutines, "goroutines/request", floor.GoroutinesPerRequest, perRequest(base, goroutines), perRequest(head, goroutines)),
		newFigure(Growth, "bytes", floor.BytesPerRequest*requests, slopeOf(base).times(requests), slopeOf(head).times(requests)),
	}
	for i := range growing {
		growing[i].Decides = growthDecides && growing[i].Code != Growth // which is the slope once more
		if p.base == nil || !hasSlope(base) || !hasSlope(head) {
			growing[i].Direction = ""
		}
	}
	churned := newFigure(Churn, "bytes/request", churnNoise, perRequest(base, allocated), perRequest(head, allocated))
	churned.Decides = true
	return append(growing,
		churned,
		newFigure(CPU, "seconds/request", 0, perRequest(base, processor), perRequest(head, processor)),
		newFigure(LatencyP50, "seconds", 0, measured(base.Load.LatencyP50Seconds), measured(head.Load.LatencyP50Seconds)),
		newFigure(LatencyP99, "seconds", 0, measured(base.Load.LatencyP99Seconds), measured(head.Load.LatencyP99Seconds)),
	)
}

// hasSlope tells whether a variant's growth is a line: that of growth with an end
// says how much of it a run has seen.
func hasSlope(v harness.Result) bool {
	return v.Verdict.Class == harness.Steady || v.Verdict.Class.Leaks()
}

func slopeOf(v harness.Result) *Estimate {
	e := measured(v.Verdict.SlopeBytesPerRequest)
	if e != nil {
		e.Low, e.High = v.Verdict.SlopeLow, v.Verdict.SlopeHigh
	}
	return e
}

// measured is a figure of which no interval is known.
func measured(v *float64) *Estimate {
	if v == nil {
		return nil
	}
	return &Estimate{Value: *v}
}

// times scales an estimate; nil where there is none, or nothing to scale it by.
func (e *Estimate) times(factor float64) *Estimate {
	if e == nil || factor == 0 {
		return nil
	}
	scaled := Estimate{Value: e.Value * factor}
	if e.Low != nil && e.High != nil {
		scaled.Low, scaled.High = new(*e.Low*factor), new(*e.High*factor)
	}
	return &scaled
}
