package reports

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table before it is rendered.
type grid struct {
	header []string
	rows   [][]string
	tones  []tone         // of each row's verdict
	urls   []string       // where the second cell of each row leads, where it does
	wrap   map[string]int // columns of free text, by header: where text wraps them
}

func (g *grid) add(t tone, cells ...string) {
	g.rows = append(g.rows, cells)
	g.tones = append(g.tones, t)
}

// dropUnknown leaves out those of the named columns in which no row has a figure:
// what a scenario does not have, such as answers to compare or Redis.
func (g *grid) dropUnknown(names ...string) {
	for i := len(g.header) - 1; i >= 0; i-- {
		empty := !slices.ContainsFunc(g.rows, func(cells []string) bool { return cells[i] != unknown })
		if len(g.rows) == 0 || !empty || !slices.Contains(names, g.header[i]) {
			continue
		}
		g.header = slices.Delete(g.header, i, i+1)
		for row := range g.rows {
			g.rows[row] = slices.Delete(g.rows[row], i, i+1)
		}
	}
}

// writer gives the rows to a table, each cell through show.
func (g grid) writer(show func(row, column int, cell string) string) table.Writer {
	w := table.NewWriter()
	w.AppendHeader(tableRow(g.header))
	for i, cells := range g.rows {
		shown := make([]string, len(cells))
		for k, cell := range cells {
			shown[k] = show(i, k, cell)
		}
		w.AppendRow(tableRow(shown))
	}
	return w
}

// text renders the rows as aligned columns without lines.
func (g grid) text(show func(row, column int, cell string) string) string {
	w := g.writer(show)
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	w.SetStyle(style)
	var configs []table.ColumnConfig
	for name, width := range g.wrap {
		configs = append(configs, table.ColumnConfig{Name: name, WidthMax: width, WidthMaxEnforcer: text.WrapSoft})
	}
	w.SetColumnConfigs(configs)
	var b strings.Builder
	for line := range strings.Lines(w.Render()) {
		b.WriteString("  " + strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

func tableRow(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	return row
}
