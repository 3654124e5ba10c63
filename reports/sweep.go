package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/sweep"
)

// SweepOptions is how the report of a sweep is rendered.
type SweepOptions struct {
	// Color adds colours for a terminal to what the words say already.
	Color bool
	// Dir is the sweep's directory as the reader can use it.
	Dir string
}

// sweepView is a sweep as every renderer shows it.
type sweepView struct {
	head       []string
	facts      [][2]string
	crossovers []string
	behind     []string
	tables     []sweepTable
	skipped    []string
	charts     []sweepChart
	notes      []string
	last       string
}

// sweepTable is what every variant costs under one combination of values.
type sweepTable struct {
	title string
	grid  grid
}

func newSweepView(s sweep.Sweep) sweepView {
	v := sweepView{head: sweepHead(s), facts: facts(harness.Record{
		StartedAt: s.StartedAt, Command: s.Command, Environment: s.Environment, ID: unknown,
	})[1:]}
	for _, slice := range sweep.Slices(s) {
		for _, c := range slice.Crossovers(s.LatencySeconds) {
			v.crossovers = append(v.crossovers, crossover(c, slice.Held))
		}
		for _, b := range slice.FallBehind(s.LatencySeconds) {
			v.behind = append(v.behind, fallsBehind(b, slice.Held))
		}
		v.charts = append(v.charts, sweepCharts(slice, s.LatencySeconds)...)
	}
	if len(v.behind) > 0 && len(v.crossovers) == 0 {
		v.crossovers = []string{"nowhere between the values that were measured: no variant is ahead of another at one and behind it at another"}
	}
	v.tables = sweepTables(s)
	for _, p := range s.Points {
		if p.State == sweep.Skipped {
			v.skipped = append(v.skipped, fmt.Sprintf("%s, %s: %s", safe(p.Variant), settings(p.Settings), safe(p.Skipped)))
		}
	}
	v.notes = sweepNotes(s.LatencySeconds)
	done := fmt.Sprintf("%d of %d points measured", s.Count(sweep.Done), len(s.Points))
	if n := s.Count(sweep.Skipped); n > 0 {
		done += fmt.Sprintf(", %d skipped", n)
	}
	if !s.Complete {
		done = "INTERRUPTED: " + done
	}
	v.last = done
	return v
}

// sweepHead says what was swept.
func sweepHead(s sweep.Sweep) []string {
	parts := []string{safe(s.Scenario)}
	for _, a := range s.Axes {
		values := make([]string, len(a.Values))
		for i, value := range a.Values {
			values[i] = grouped(safe(value))
		}
		parts = append(parts, safe(a.Key)+" = "+strings.Join(values, ", "))
	}
	swept := func(a sweep.Axis) bool { return strings.HasPrefix(a.Key, "load.") }
	switch rate := s.Load.Rate; {
	case slices.ContainsFunc(s.Axes, swept): // said above
	case rate.IsMax():
		parts = append(parts, fmt.Sprintf("as fast as they answer over %d connections", s.Load.Connections))
	default:
		parts = append(parts, fmt.Sprintf("%s requests/s over %d connections", harness.FormatCount(float64(rate)), s.Load.Connections))
	}
	return append(parts, "each variant alone")
}

// sweepNotes say what the figures are.
func sweepNotes(latency float64) []string {
	return []string{
		"live heap, RSS and Redis are those at the end of the load that was asked for; retained is the slope of the live heap, churn what is allocated",
		"p50 and p99 are at the scenario's rate, where each variant was judged",
		"points were measured one after the other on one machine: what else it did meanwhile is in their times, above all in p99; bytes are not touched by that",
		"req/s " + bound(latency) + ": the highest rate of a closed loop over 1, 2, 4, … 64 connections, half a second each, whose 99th percentile of latency is within that; " +
			"req/s at most: the highest of all, with its 99th percentile",
		"ahead and behind are told beyond 10 % in bytes and beyond half in CPU time, which is what two runs of one program differ by; latencies and rates differ by more and are not compared. " +
			"Between two values that were measured stands the straight line on logarithmic scales. What is expected to leak, and what is inconclusive, is left out",
	}
}

// bound is the bound of latency, in seconds, as the head of a column.
func bound(latency float64) string {
	if latency == 0 {
		return "unbounded"
	}
	return "≤ " + milliseconds(latency) + " ms"
}

// crossover is where two variants change places, in a sentence.
func crossover(c sweep.Crossover, held []sweep.Setting) string {
	below, above := c.Lower, c.Upper
	if c.Metric.More {
		below, above = above, below
	}
	text := fmt.Sprintf("%s: %s beats %s below %s = %s, %s beats %s above (between %s and %s)",
		c.Metric.Name, safe(below), safe(above), safe(c.Key), harness.FormatCount(c.At), safe(above), safe(below),
		harness.FormatCount(c.From), harness.FormatCount(c.To))
	if len(held) > 0 {
		text += ", with " + settings(held)
	}
	return text
}

// fallsBehind is how a variant falls behind, in a sentence.
func fallsBehind(b sweep.Behind, held []sweep.Setting) string {
	text := fmt.Sprintf("%s: %s is behind from the smallest value on", b.Metric.Name, safe(b.Variant))
	if b.From > 0 {
		text = fmt.Sprintf("%s: %s keeps up with the best below %s = %s (between %s and %s)", b.Metric.Name, safe(b.Variant),
			safe(b.Key), harness.FormatCount(b.Within), harness.FormatCount(b.From), harness.FormatCount(b.To))
	}
	text += fmt.Sprintf("; %s is %s times better at %s", safe(b.Best), harness.FormatCount(b.Factor), harness.FormatCount(b.Where))
	if len(held) > 0 {
		text += ", with " + settings(held)
	}
	return text
}

// settings are keys with their values.
func settings(all []sweep.Setting) string {
	parts := make([]string, len(all))
	for i, s := range all {
		parts[i] = safe(s.Key) + " = " + grouped(safe(s.Value))
	}
	return strings.Join(parts, ", ")
}

// grouped is a whole number with its digits in groups; any other text as it is.
func grouped(value string) string {
	if value == "" || len(value) > 15 || strings.Trim(value, "0123456789") != "" || value[0] == '0' {
		return value
	}
	var digits strings.Builder
	for i, d := range value {
		if i > 0 && (len(value)-i)%3 == 0 {
			digits.WriteByte(' ')
		}
		digits.WriteRune(d)
	}
	return digits.String()
}
