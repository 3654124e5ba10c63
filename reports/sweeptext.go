package reports

import (
	"io"
	"strings"

	"github.com/leaklab/leaklab/harness/sweep"
)

// SweepText writes the report of a sweep for a terminal. Its error is the writer's.
func SweepText(w io.Writer, s sweep.Sweep, o SweepOptions) error {
	v := newSweepView(s)
	var b strings.Builder
	b.WriteString(wrapped(v.head) + "\n")
	for _, t := range v.tables {
		b.WriteString("\n" + t.title + "\n\n" + t.grid.text(func(row, column int, cell string) string {
			if column == 1 && o.Color {
				return colour(t.grid.tones[row], cell)
			}
			return cell
		}))
	}
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			b.WriteString("\n" + title + "\n\n  " + strings.Join(lines, "\n  ") + "\n")
		}
	}
	list("where the order turns over", v.crossovers)
	list("what falls behind", v.behind)
	list("not run", v.skipped)
	b.WriteString("\n" + v.last)
	if o.Dir != "" {
		b.WriteString(" · " + safe(o.Dir))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
