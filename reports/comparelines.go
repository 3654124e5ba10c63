package reports

import (
	"fmt"
	"math"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
)

// changeLines is what is said of a variant: its leaks, the budgets that it passes
// now, and each figure that went beyond its interval.
func changeLines(v compare.Variant, c compare.Comparison, o Options) (lines []changeLine) {
	for _, l := range v.Leaks {
		lines = append(lines, leakLine(l, c, o))
	}
	for _, reason := range v.OverBudget {
		lines = append(lines, changeLine{what: "over budget", text: safe(reason.Text)})
	}
	for _, f := range v.Figures {
		if f.Decides && (f.Direction == compare.Rose || f.Direction == compare.Fell) {
			lines = append(lines, changeLine{what: string(f.Direction), text: figureLine(f, axis(safe(c.Axis)))})
		}
	}
	if more := len(lines) - maxChanges; more > 0 {
		lines = append(lines[:maxChanges], changeLine{what: "more", text: fmt.Sprintf("%d are in the comparison's JSON", more)})
	}
	return lines
}

func leakLine(l compare.Leak, c compare.Comparison, o Options) changeLine {
	line := changeLine{what: string(l.State)}
	if l.Moved {
		line.what += ", moved"
	}
	if l.Excused {
		line.what += ", expected"
	}
	site, env := l.Head, c.Head.Environment
	if site == nil {
		site, env = l.Base, c.Base.Environment
	}
	if site.Fingerprint == "" {
		line.text = "a leak that no allocation site accounts for"
		return line
	}
	place := placeOf(site.File, site.Line, env)
	line.place = place.String()
	if l.Head != nil { // the base's lines are not those of what is checked out
		line.url = place.url(o)
	}
	if l.Moved {
		line.place = arrow(placeOf(l.Base.File, l.Base.Line, c.Base.Environment).String(), line.place)
	}
	line.text = shortFunction(site.Function)
	if l.State != compare.Persisting { // what a site takes is sampled: two runs differ in it by a third
		line.text += "  " + paidAt(*site) + " " + axis(safe(c.Axis)).each()
	}
	line.text += ", known as " + safe(site.Fingerprint)
	return line
}

// paidAt is what each request leaves at a site.
func paidAt(b harness.Blame) string {
	if b.GrowthGoroutines != 0 {
		return counted(b.GoroutinesPerRequest, "goroutine")
	}
	return bytesOf(b.BytesPerRequest)
}

// figureNames say what a figure is; that of each request has what that is after it.
var figureNames = map[string]string{
	compare.Slope: "growth", compare.Objects: "objects kept", compare.Goroutines: "goroutines kept", compare.Churn: "churn",
}

func figureLine(f compare.Figure, a axis) string {
	by := func(v float64) string { return amountIn(f.Unit, math.Abs(v)) }
	low, high := by(*f.Change.Low), by(*f.Change.High)
	if f.Change.Value < 0 {
		low, high = high, low
	}
	value := by(f.Change.Value)
	return fmt.Sprintf("%s %s: %s, by %s (%s)", figureNames[f.Code], a.each(),
		arrow(amountIn(f.Unit, f.Base.Value), amountIn(f.Unit, f.Head.Value)), value, between(value, low, high))
}
