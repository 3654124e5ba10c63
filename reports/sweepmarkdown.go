package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/leaklab/leaklab/harness/sweep"
)

// SweepMarkdown writes the report of a sweep as a document. Its error is the
// writer's.
func SweepMarkdown(w io.Writer, s sweep.Sweep, _ SweepOptions) error {
	v := newSweepView(s)
	var b strings.Builder
	fmt.Fprintf(&b, "# Trade-offs of %s\n\n%s\n", escape(v.head[0]), escape(strings.Join(v.head[1:], " · ")))
	if s.About != "" {
		fmt.Fprintf(&b, "\n%s\n", escape(safe(s.About)))
	}
	list := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n\n", title)
		for _, line := range lines {
			fmt.Fprintf(&b, "- %s\n", escape(line))
		}
	}
	list("Where the order turns over", v.crossovers)
	list("What falls behind", v.behind)
	for _, t := range v.tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s", escape(t.title), t.grid.markdown())
	}
	list("Not run", v.skipped)
	for i, c := range v.charts {
		if i == 0 {
			b.WriteString("\n## Charts\n\nBoth axes are the base-10 logarithms: 3 is a thousand, 6 a million, and a straight line is a power of the value.\n" +
				"Lines are drawn as far as all of a chart were measured.\n")
		}
		b.WriteString(c.markdown())
	}
	list("What the figures are", v.notes)
	facts := make([]string, 0, len(v.facts))
	for _, f := range v.facts {
		facts = append(facts, f[0]+": "+f[1])
	}
	list("Where they were measured", append(facts, v.last))
	_, err := io.WriteString(w, b.String())
	return err
}
