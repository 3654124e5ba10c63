package reports

import (
	"html/template"
	"io"
	"slices"
	"sync"

	"github.com/leaklab/leaklab/harness/sweep"
)

// sweepPage is what the template of a sweep shows.
type sweepPage struct {
	Policy   string
	Style    template.CSS
	Scripts  []template.JS
	Licences string

	Scenario, About, Last              string
	Setup                              []string
	Crossovers, Behind, Skipped, Notes []string
	Tables                             []sweepHTMLTable
	Facts                              [][2]string
	Data                               sweepData
}

// sweepHTMLTable is a grid under its title.
type sweepHTMLTable struct {
	Title  string
	Header []string
	Rows   [][]string
}

// sweepData is what the charts draw.
type sweepData struct {
	Charts   []sweepHTMLChart `json:"charts"`
	Variants []string         `json:"variants"`
}

// sweepHTMLChart is a metric along an axis.
type sweepHTMLChart struct {
	Title  string       `json:"title"`
	Unit   sweep.Unit   `json:"unit"`
	At     []float64    `json:"at"`
	Series []sweepCurve `json:"series"`
}

// sweepCurve is a variant's figure at each value of the axis; null where it is not
// known or has no logarithm.
type sweepCurve struct {
	Variant string     `json:"variant"`
	Values  []*float64 `json:"values"`
}

// SweepHTML writes the report of a sweep as one file that needs no network. Its
// error is the writer's.
func SweepHTML(w io.Writer, s sweep.Sweep, _ SweepOptions) error {
	shell := loadSweepShell()
	v := newSweepView(s)
	p := sweepPage{
		Policy: shell.policy, Style: shell.style, Scripts: shell.scripts, Licences: shell.licences,
		Scenario: v.head[0], About: safe(s.About), Setup: v.head[1:], Last: v.last,
		Crossovers: v.crossovers, Behind: v.behind, Skipped: v.skipped, Notes: v.notes, Facts: v.facts,
		Data: newSweepData(s),
	}
	for _, t := range v.tables {
		p.Tables = append(p.Tables, sweepHTMLTable{t.title, t.grid.header, t.grid.rows})
	}
	return shell.template.Execute(w, p)
}

// newSweepData is every metric of which two values of a variant are known.
func newSweepData(s sweep.Sweep) sweepData {
	var data sweepData
	for _, slice := range sweep.Slices(s) {
		for _, m := range sweep.Metrics {
			c := sweepHTMLChart{Title: m.Name, Unit: m.Unit, At: slice.At}
			if len(slice.Held) > 0 {
				c.Title += ", with " + settings(slice.Held)
			}
			for _, curve := range slice.Curves(m, s.LatencySeconds) {
				c.Series = append(c.Series, newSweepCurve(curve))
			}
			if len(c.Series) > 0 {
				data.Charts = append(data.Charts, c)
			}
		}
	}
	for _, p := range s.Points {
		if name := safe(p.Variant); !slices.Contains(data.Variants, name) {
			data.Variants = append(data.Variants, name)
		}
	}
	return data
}

func newSweepCurve(curve sweep.Curve) sweepCurve {
	c := sweepCurve{Variant: safe(curve.Variant)}
	for _, v := range curve.Values {
		if v > 0 {
			c.Values = append(c.Values, &v)
		} else {
			c.Values = append(c.Values, nil)
		}
	}
	return c
}

// loadSweepShell reads the embedded files once: see loadShell.
var loadSweepShell = sync.OnceValue(func() shell {
	return newShell("sweep.html", []string{"uplot.min.js", "format.js", "theme.js", "sweep.js"})
})
