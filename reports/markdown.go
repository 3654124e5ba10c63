package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// maxMarkdownBytes is the largest report: GitHub takes 65 536 bytes in a
// comment, and who posts the report may add a few lines.
const maxMarkdownBytes = 60 << 10

// Markdown writes the report for a pull request: at most 60 KiB, the sections
// that do not fit left out with a word. Its error is the writer's.
func Markdown(w io.Writer, r harness.Record, o Options) error {
	v := newView(r, o)
	const cut = "\n_More is in the record: this report is as long as it may be._\n"
	var b strings.Builder
	for _, section := range sections(v) {
		if b.Len()+len(section)+len(cut) > maxMarkdownBytes {
			b.WriteString(cut)
			break
		}
		b.WriteString(section)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sections are the parts of the report, what matters most first.
func sections(v view) []string {
	first := fmt.Sprintf("## %s: %s\n\n%s, %s\n\n%s\n", v.verdict, escape(v.head[0]), escape(v.because), escape(v.seconds),
		escape(strings.Join(v.head[1:], " · ")))
	if len(v.budget) > 0 {
		first += "\nBudget: " + escape(strings.Join(v.budget, " · ")) + "\n"
	}
	all := []string{first, "\n" + v.verdicts.markdown()}
	for _, f := range v.findings {
		all = append(all, markdownFinding(f))
	}
	all = append(all, "\n### What it costs\n\n"+v.tradeoff.markdown())
	if len(v.sites.rows) > 0 {
		all = append(all, "\n### Where it grows\n\n"+v.sites.markdown())
	}
	if len(v.notes) > 0 {
		var b strings.Builder
		b.WriteString("\n### Notes\n\n")
		for i, n := range v.notes {
			fmt.Fprintf(&b, "%d. %s\n", i+1, escape(n.String()))
		}
		all = append(all, b.String())
	}
	var b strings.Builder
	b.WriteString("\n<details><summary>Environment</summary>\n\n")
	for _, f := range v.facts {
		fmt.Fprintf(&b, "- %s: %s\n", escape(f[0]), escape(f[1]))
	}
	b.WriteString("\n</details>\n")
	return append(all, b.String())
}

func markdownFinding(f finding) string {
	if !f.accused && len(f.reasons) == 1 {
		return fmt.Sprintf("\n**%s: %s**: %s\n", escape(f.name), escape(f.label), escape(f.reasons[0]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n**%s: %s**\n\n", escape(f.name), escape(f.label))
	for _, reason := range f.reasons {
		fmt.Fprintf(&b, "- %s\n", escape(reason))
	}
	if f.forecast != "" {
		fmt.Fprintf(&b, "- %s\n", escape(f.forecast))
	}
	for _, site := range f.sites {
		fmt.Fprintf(&b, "- allocated at %s\n", escape(site))
	}
	if f.command != "" {
		fmt.Fprintf(&b, "\n```sh\n%s\n```\n", f.command) // one line, so it cannot end the fence
	}
	return b.String()
}

// markdown renders the rows as a GitHub table.
func (g grid) markdown() string {
	return g.writer(func(_, _ int, cell string) string { return escape(cell) }).RenderMarkdown() + "\n"
}

// escape makes a text mean itself in Markdown. The bars of a table's cells are
// left to the table, which escapes them.
func escape(text string) string { return escaper.Replace(text) }

var escaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "_", `\_`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "&#64;", "$", `\$`,
)
