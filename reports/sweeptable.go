package reports

import (
	"fmt"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/sweep"
)

// sweepTables are the trade-offs at each combination of values.
func sweepTables(s sweep.Sweep) []sweepTable {
	var all []sweepTable
	for first := 0; first < len(s.Points); {
		settled := s.Points[first].Settings
		end := first
		for end < len(s.Points) && slices.Equal(s.Points[end].Settings, settled) {
			end++
		}
		all = append(all, sweepTable{title: settings(settled), grid: sweepGrid(s.Points[first:end], s.LatencySeconds)})
		first = end
	}
	return all
}

// sweepGrid has a row for each variant, with the rate within a latency in seconds.
func sweepGrid(points []sweep.Point, within float64) grid {
	g := grid{header: []string{
		"variant", "verdict", "live heap", "RSS", "in Redis", "retained", "churn", "CPU ms", "p50/p99 ms",
		"req/s " + bound(within), "req/s at most", "false +",
	}}
	for _, p := range points {
		cells := []string{safe(p.Variant), string(p.State)}
		if p.Figures == nil {
			for len(cells) < len(g.header) {
				cells = append(cells, unknown)
			}
			g.add(plain, cells...)
			continue
		}
		f := *p.Figures
		result := sweptResult(f)
		g.add(toneOf(result),
			safe(p.Variant), label(result),
			known(f.LiveHeapBytes, bytesOf), known(f.RSSBytes, bytesOf), known(f.RedisBytes, bytesOf),
			retained(f), known(f.ChurnBytesPerRequest, bytesOf), known(f.CPUSecondsPerRequest, milliseconds),
			latency(harness.LoadResult{LatencyP50Seconds: f.LatencyP50Seconds, LatencyP99Seconds: f.LatencyP99Seconds}),
			rateWithin(p.Steps, within), atMost(p.Steps), known(f.FalsePositiveShare, percent),
		)
	}
	return g
}

// sweptResult is what of a result a label is made of.
func sweptResult(f sweep.Figures) harness.Result {
	r := harness.Result{Expect: f.Expect, Verdict: harness.Verdict{Outcome: f.Verdict, Class: f.Class}}
	r.AsExpected = harness.AsExpected(r.Expect, r.Verdict)
	if f.Death != "" {
		r.Death = &harness.Death{Cause: f.Death}
	}
	return r
}

// retained is a slope; below the noise of reading, its upper end says more.
func retained(f sweep.Figures) string {
	switch {
	case f.RetainedBytesPerRequest == nil:
		return unknown
	case f.Verdict == harness.Pass && f.RetainedHigh != nil:
		return "≤ " + bytesOf(max(0, *f.RetainedHigh))
	}
	return bytesOf(*f.RetainedBytesPerRequest)
}

// rateWithin is the highest rate within a latency in seconds.
func rateWithin(steps []sweep.Step, latency float64) string {
	if steps == nil {
		return unknown
	}
	s, ok := sweep.Fastest(steps, latency)
	if !ok {
		return "none"
	}
	return harness.FormatCount(s.RatePerSecond)
}

// atMost is the highest rate of all, with the latency that it has.
func atMost(steps []sweep.Step) string {
	s, ok := sweep.Fastest(steps, 0)
	if !ok {
		return unknown
	}
	return fmt.Sprintf("%s (%s ms)", harness.FormatCount(s.RatePerSecond), milliseconds(s.LatencyP99Seconds))
}
