package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/leaklab/leaklab/harness/sweep"
)

// sweepChart is a metric of some variants along an axis, both as base-10
// logarithms: the charts of GitHub have no logarithmic scale.
type sweepChart struct {
	metric   sweep.Metric
	key      string
	held     string
	low, top float64 // of the axis
	series   []logSeries
	hidden   []string // variants that are not drawn
}

// logSeries is a variant's figure at evenly spaced logarithms of the value.
type logSeries struct {
	name string
	logs []float64
}

// sweepCharts are those of the metrics that two variants or more have.
func sweepCharts(slice sweep.Slice, latency float64) []sweepChart {
	var all []sweepChart
	for _, m := range sweep.Metrics {
		if c := newSweepChart(slice, m, latency); len(c.series) > 1 {
			all = append(all, c)
		}
	}
	return all
}

// newSweepChart draws the part of the axis where all variants were measured that
// were at two values or more.
func newSweepChart(slice sweep.Slice, m sweep.Metric, latency float64) sweepChart {
	c := sweepChart{metric: m, key: slice.Key, held: settings(slice.Held), low: math.Inf(-1), top: math.Inf(1)}
	type line struct {
		name string
		x, y []float64
	}
	var lines []line
	for _, curve := range slice.Curves(m, latency) {
		l := line{name: curve.Variant}
		for i, v := range curve.Values {
			if v > 0 {
				l.x, l.y = append(l.x, math.Log10(slice.At[i])), append(l.y, math.Log10(v))
			}
		}
		if len(l.x) < 2 || len(lines) == maxSeries {
			c.hidden = append(c.hidden, curve.Variant)
		} else {
			lines = append(lines, l)
			c.low, c.top = max(c.low, l.x[0]), min(c.top, l.x[len(l.x)-1])
		}
	}
	if !(c.top > c.low) {
		return sweepChart{}
	}
	for _, l := range lines {
		s := logSeries{name: l.name}
		for i := range chartPoints {
			s.logs = append(s.logs, onLine(l.x, l.y, c.low+(c.top-c.low)*float64(i)/(chartPoints-1)))
		}
		c.series = append(c.series, s)
	}
	return c
}

// onLine is the height at x of the straight lines through points that rise in x.
func onLine(xs, ys []float64, x float64) float64 {
	i := 1
	for i < len(xs)-1 && xs[i] < x {
		i++
	}
	return ys[i-1] + (ys[i]-ys[i-1])*(x-xs[i-1])/(xs[i]-xs[i-1])
}

// markdown draws the chart in the language of Mermaid. No text of the record is
// in the drawing.
func (c sweepChart) markdown() string {
	low, top := math.Inf(1), math.Inf(-1)
	var codes, legend []string
	var lines strings.Builder
	for i, s := range c.series {
		codes = append(codes, colours[i].code)
		legend = append(legend, colours[i].square+" "+escape(safe(s.name)))
		points := make([]string, len(s.logs))
		for k, v := range s.logs {
			points[k] = fmt.Sprintf("%.3f", v)
			low, top = min(low, v), max(top, v)
		}
		fmt.Fprintf(&lines, "  line [%s]\n", strings.Join(points, ", "))
	}
	for _, name := range c.hidden {
		legend = append(legend, "not drawn: "+escape(safe(name)))
	}
	title := c.metric.Name
	if c.held != "" {
		title += ", with " + c.held
	}
	return fmt.Sprintf("\n### %s by %s\n\n"+
		"```mermaid\n%%%%{init: {\"themeVariables\": {\"xyChart\": {\"plotColorPalette\": \"%s\"}}}}%%%%\n"+
		"xychart-beta\n  x-axis \"log10 of the value\" %.3f --> %.3f\n  y-axis \"log10 of %s\" %.3f --> %.3f\n%s```\n\n%s\n",
		escape(title), escape(safe(c.key)), strings.Join(codes, ", "), c.low, c.top, c.metric.Unit, low-0.1, top+0.1,
		lines.String(), strings.Join(legend, " · "))
}
