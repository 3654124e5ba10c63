package reports

import (
	"github.com/leaklab/leaklab/harness"
)

// htmlGrid is what the variants cost side by side: a column for each, a row for
// each figure.
type htmlGrid struct {
	Variants []htmlColumn
	Groups   []htmlRows
}

// htmlColumn is the head of a variant's column.
type htmlColumn struct{ Name, Mark, Kind, Label string }

// htmlRows are figures that belong together.
type htmlRows struct {
	Name string
	Rows []htmlFigures
}

// htmlFigures is one figure of every variant; prose is text, which wraps.
type htmlFigures struct {
	Name, Unit string
	Cells      []string
	Prose      bool
}

// htmlTradeoff sets what each variant costs beside what its author says of it.
// Figures that no variant has are left out.
func htmlTradeoff(r harness.Record) htmlGrid {
	var g htmlGrid
	for _, v := range r.Variants {
		g.Variants = append(g.Variants, htmlColumn{Name: safe(v.Name), Mark: kindMarks[kindOf(v)], Kind: kindOf(v), Label: label(v)})
	}
	group := func(name string, rows ...htmlFigures) {
		kept := htmlRows{Name: name}
		for _, row := range rows {
			for _, cell := range row.Cells {
				if cell != unknown {
					kept.Rows = append(kept.Rows, row)
					break
				}
			}
		}
		if len(kept.Rows) > 0 {
			g.Groups = append(g.Groups, kept)
		}
	}
	figures := func(name, unit string, of func(harness.Result) string) htmlFigures {
		f := htmlFigures{Name: name, Unit: unit}
		for _, v := range r.Variants {
			f.Cells = append(f.Cells, of(v))
		}
		return f
	}
	prose := func(name string, of func(harness.Result) string) htmlFigures {
		f := figures(name, "", of)
		f.Prose = true
		return f
	}
	each, price := axisOf(r).each(), "Price of a request"
	if axisOf(r) != "" {
		price = "Price " + each
	}
	ahead := "growth"
	if over := r.Spec.Budget.Growth.Over; over > 0 {
		ahead = "in " + over.String()
	}
	group("Growth",
		figures("slope", each, func(v harness.Result) string { return grows(v.Verdict) }),
		figures("growth", "measured", func(v harness.Result) string { return grown(v.Verdict) }),
		figures(ahead, "projected", func(v harness.Result) string { return projected(v.Verdict) }))
	group("Memory at the end of the load that was asked for",
		figures("live heap", "", atEnd(func(c harness.Checkpoint) string { return bytesOf(c.LiveHeapBytes) })),
		figures("RSS", "", atEnd(func(c harness.Checkpoint) string { return known(c.RSSBytes, bytesOf) })),
		figures("in Redis", "", func(v harness.Result) string { return known(v.RedisBytes, bytesOf) }))
	group(price,
		figures("churn", "allocated", func(v harness.Result) string { return known(v.Verdict.ChurnBytesPerRequest, bytesOf) }),
		figures("CPU", "ms", func(v harness.Result) string { return known(v.Load.CPUSecondsPerRequest, milliseconds) }),
		figures("latency p50/p99", "ms", func(v harness.Result) string { return latency(v.Load) }),
		figures("requests failed", "", failed))
	group("Answers",
		figures("wrong", "", func(v harness.Result) string { return wrong(v.Answers) }),
		figures("false positives", "", func(v harness.Result) string { return falsePositives(v.Answers) }))
	group("What its author says",
		prose("complexity", func(v harness.Result) string { return orUnknown(v.Complexity) }),
		prose("best for", func(v harness.Result) string { return orUnknown(v.BestFor) }))
	return g
}

// atEnd shows a figure of the last checkpoint.
func atEnd(show func(harness.Checkpoint) string) func(harness.Result) string {
	return func(v harness.Result) string {
		if len(v.Checkpoints) == 0 {
			return unknown
		}
		asked := harness.Asked(v.Checkpoints)
		return show(asked[len(asked)-1])
	}
}

// failed is how many requests did; unknown where others sent them.
func failed(v harness.Result) string {
	if v.Axis != "" {
		return unknown
	}
	return harness.FormatCount(float64(v.Load.Errors))
}
