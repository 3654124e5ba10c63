package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/leaklab/leaklab/harness/compare"
)

// CompareText writes a comparison for a terminal. Its error is the writer's.
func CompareText(w io.Writer, c compare.Comparison, o Options) error {
	v := newComparison(c, o)
	paint := func(_ tone, s string) string { return s }
	if o.Color {
		paint = colour
	}
	var b strings.Builder
	b.WriteString(wrapped(v.head) + "\n\n")
	b.WriteString(v.table.text(func(row, column int, cell string) string {
		if column == 1 {
			return paint(v.table.tones[row], cell)
		}
		return cell
	}) + "\n")
	for _, f := range v.findings {
		fmt.Fprintf(&b, "  %s: %s\n", f.name, paint(f.tone, f.label))
		width := 0
		for _, line := range f.lines {
			width = max(width, len(line.what))
		}
		for _, line := range f.lines {
			fmt.Fprintf(&b, "    %-*s  %s\n", width, line.what, line)
		}
	}
	for i, note := range v.notes {
		fmt.Fprintf(&b, "  [%d] %s\n", i+1, note)
	}
	fmt.Fprintf(&b, "%s: %s\n", paint(v.tone, v.verdict), v.because)
	_, err := io.WriteString(w, b.String())
	return err
}

// CompareMarkdown writes a comparison for a pull request, at most 60 KiB. Its
// first line is the marker of the scenario's report, so that both may be one
// comment. Its error is the writer's.
func CompareMarkdown(w io.Writer, c compare.Comparison, o Options) error {
	const cut = "\n_%d sections are in the comparison's JSON only: this is as long as it may be._\n"
	v := newComparison(c, o)
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- leaklab:%s -->\n", markerName(c.Scenario))
	left := 0
	for _, section := range changeSections(v) {
		if b.Len()+len(section)+len(cut) > maxMarkdownBytes {
			left++
			continue
		}
		b.WriteString(section)
	}
	if left > 0 {
		fmt.Fprintf(&b, cut, left)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// changeSections are the parts of a comparison, what matters most first.
func changeSections(v comparison) []string {
	all := []string{
		fmt.Sprintf("## %s: %s against the base\n\n%s\n\n%s\n", v.verdict, escape(v.head[0]), escape(v.because), escape(strings.Join(v.head[1:], " · "))),
		"\n" + v.table.markdown(),
	}
	for _, f := range v.findings {
		var b strings.Builder
		fmt.Fprintf(&b, "\n**%s: %s**\n\n", escape(f.name), escape(f.label))
		for _, line := range f.lines {
			text := strings.TrimSpace(linked(escape(line.place), line.url) + "  " + escape(line.text))
			fmt.Fprintf(&b, "- %s: %s\n", escape(line.what), text)
		}
		all = append(all, b.String())
	}
	if len(v.notes) > 0 {
		var b strings.Builder
		b.WriteString("\n### Notes on the comparison\n\n")
		for _, note := range v.notes {
			fmt.Fprintf(&b, "- %s\n", escape(note))
		}
		all = append(all, b.String())
	}
	return all
}
