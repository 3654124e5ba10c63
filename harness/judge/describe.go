package judge

import (
	"fmt"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// describe fills in the figures that the fresh rounds give. What could not be
// measured stays nil.
func describe(e Evidence, channels []channel) harness.Verdict {
	v := harness.Verdict{
		Reasons:              []harness.Reason{},
		Warnings:             warnings(e, channels),
		ChurnBytesPerRequest: churn(e.Checkpoints),
		GCCPUShare:           gcShare(e.Checkpoints),
	}
	for _, c := range channels {
		if !c.fitted {
			continue
		}
		switch c.kind {
		case liveBytes:
			v.SlopeBytesPerRequest = new(c.estimate())
			// The steps of a map are outside of a robust interval, and are growth.
			v.SlopeLow, v.SlopeHigh = new(min(c.line.Low, c.estimate())), new(max(c.line.High, c.estimate(), trend.Rate(c.points)))
			if requests := growthRequests(e); requests > 0 {
				v.ProjectedGrowthBytes = new(c.estimate() * requests)
			}
		case liveObjects:
			v.ObjectsPerRequest = new(c.estimate())
		case goroutines:
			v.GoroutinesPerRequest = new(c.estimate())
		}
	}
	return v
}

// estimate is the growth a request: the robust slope, or, where many rounds do
// not grow and it is blind for that (a container that doubles, a rare big
// block), the mean of the window that shows the growth.
func (c channel) estimate() float64 {
	if c.shape != shapeGrowing {
		return c.line.Slope
	}
	window := c.points
	for len(window) > 2 && window[0].X-c.points[0].X < c.since {
		window = window[1:]
	}
	grew := 0
	for i, p := range window[1:] {
		if p.Y-window[i].Y > c.limit*(p.X-window[i].X) {
			grew++
		}
	}
	if 4*grew < 3*(len(window)-1) {
		return trend.Rate(window)
	}
	return c.line.Slope
}

// lagAllowed is by which part of its schedule the load may be late before a
// reader must know: the rate is then not the one that was asked for.
const lagAllowed = 0.1

// warnings is what a reader of the figures must know.
func warnings(e Evidence, channels []channel) []harness.Warning {
	warnings := []harness.Warning{}
	if e.Errors > 0 {
		warnings = append(warnings, harness.Warning{Code: "requests-failed", Text: failedReason(e).Text})
	}
	if len(e.Checkpoints) > 0 && !readsHeap(e) {
		warnings = append(warnings, harness.Warning{Code: "footprint-only",
			Text: "only the footprint of the process was judged: what its heap, objects and goroutines do is not known"})
	}
	if e.HeldPerSecond > 0 && e.RequestsPerSecond > (1+lagAllowed)*e.HeldPerSecond {
		warnings = append(warnings, harness.Warning{Code: "rate-missed", Text: fmt.Sprintf(
			"the target held %s requests a second only, of %s asked for", harness.FormatCount(e.HeldPerSecond), harness.FormatCount(e.RequestsPerSecond))})
	}
	if e.NoReplay && e.Axis == "" && len(e.Checkpoints) > 1 {
		warnings = append(warnings, harness.Warning{Code: "connections-untried",
			Text: "requests must not be sent again: growth for each new connection was not looked for"})
	}
	if e.Budget.GCCPU+e.Warn.GCCPU > 0 && len(e.Checkpoints) > 1 && gcShare(e.Checkpoints) == nil {
		warnings = append(warnings, harness.Warning{Code: "gc-cpu-unread",
			Text: "the CPU time of collections could not be read here: its budget was not judged (only the probe tells)"})
	}
	for _, c := range channels {
		if c.kind == offHeap && len(c.points) == 0 && len(e.Checkpoints) > 0 {
			warnings = append(warnings, harness.Warning{Code: "off-heap-unread",
				Text: "off-heap memory could not be read here: only the Go heap was judged"})
		}
	}
	return warnings
}
