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
// that do not fit left out with a word. Its first line is a comment that stays
// the same from run to run of a scenario, so that a comment posted before can be
// found and replaced. Its error is the writer's.
func Markdown(w io.Writer, r harness.Record, o Options) error {
	const cut = "\n**%d sections are in the record only**: this report is as long as it may be.\n"
	all := sections(newView(r, o))
	marker := "<!-- leaklab:" + markerName(r.Scenario) + " -->\n"
	room := maxMarkdownBytes - len(marker) - len(cut)
	var b strings.Builder
	b.WriteString(marker)
	left := 0
	for _, section := range all {
		if len(section) > room {
			left++
			continue
		}
		b.WriteString(section)
		room -= len(section)
	}
	if left > 0 {
		fmt.Fprintf(&b, cut, left)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markerName is a scenario's name as far as it can stand in a comment of HTML.
func markerName(scenario string) string {
	const most = 64 // as long as a name may be
	clean := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}
	name := strings.Map(clean, scenario)
	return strings.Trim(name[:min(most, len(name))], "-")
}

// sections are the parts of the report, what matters most first. What a reviewer
// looks up is folded.
func sections(v view) []string {
	all := []string{markdownHead(v), "\n" + v.verdicts.markdown()}
	var passes strings.Builder
	for _, f := range v.findings {
		if !f.accused && len(f.reasons) == 1 {
			fmt.Fprintf(&passes, "- **%s: %s**: %s\n", escape(f.name), escape(f.label), escape(f.reasons[0]))
			continue
		}
		all = append(all, markdownFinding(f))
	}
	if passes.Len() > 0 {
		all = append(all, "\n"+passes.String())
	}
	if len(v.chart.series) > 0 {
		all = append(all, v.chart.markdown())
	}
	if len(v.notes) > 0 {
		var b strings.Builder
		b.WriteString("\n### Notes\n\n")
		for i, n := range v.notes {
			fmt.Fprintf(&b, "%d. %s\n", i+1, escape(n.String()))
		}
		all = append(all, b.String())
	}
	costs := v.tradeoff.markdown()
	if v.memoryOf != "" {
		costs += "\n" + escape(v.memoryOf) + "\n"
	}
	all = append(all, folded("What it costs", costs))
	if len(v.sites.rows) > 0 {
		all = append(all, folded("Where it grows", v.sites.markdown()))
	}
	var b strings.Builder
	for _, f := range v.facts {
		fmt.Fprintf(&b, "- %s: %s\n", escape(f[0]), escape(f[1]))
	}
	return append(all, folded("Environment", b.String()))
}

func markdownHead(v view) string {
	head := fmt.Sprintf("## %s: %s\n\n%s, %s\n\n%s\n", v.verdict, escape(v.head[0]), escape(v.because), escape(v.seconds),
		escape(strings.Join(v.head[1:], " · ")))
	if len(v.budget) > 0 {
		head += "\nBudget: " + escape(strings.Join(v.budget, " · ")) + "\n"
	}
	return head
}

func markdownFinding(f finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n**%s: %s**\n\n", escape(f.name), escape(f.label))
	for _, reason := range f.reasons {
		fmt.Fprintf(&b, "- %s\n", escape(reason))
	}
	if f.forecast != "" {
		fmt.Fprintf(&b, "- %s\n", escape(f.forecast))
	}
	for _, s := range f.sites {
		fmt.Fprintf(&b, "- %s at %s in %s, %s\n", f.verb(s), linked(escape(s.where), s.url), escape(s.function), escape(s.evidence))
		if s.caller != "" {
			fmt.Fprintf(&b, "- called at %s\n", escape(s.caller))
		}
	}
	if len(f.fingerprints) > 0 {
		fmt.Fprintf(&b, "- known as %s\n", escape(strings.Join(f.fingerprints, ", ")))
	}
	commands := ""
	if f.check != "" {
		commands += "# check it without leaklab\n" + f.check + "\n"
	}
	if f.repeat != "" {
		commands += "# repeat it\n" + f.repeat + "\n"
	}
	if commands != "" {
		fmt.Fprintf(&b, "\n```sh\n%s```\n", commands) // no command begins with the fence's mark: it is quoted
	}
	return b.String()
}

// folded is a section that opens when its title is clicked.
func folded(title, body string) string {
	return "\n<details><summary>" + title + "</summary>\n\n" + body + "\n</details>\n"
}

// linked is a text in Markdown that leads to a URL, where there is one.
func linked(text, url string) string {
	if url == "" {
		return text
	}
	return "[" + text + "](" + destination.Replace(url) + ")"
}

// destination keeps a URL within its parentheses, and a table's cell whole.
var destination = strings.NewReplacer("<", "%3C", ">", "%3E", "(", "%28", ")", "%29", " ", "%20", `\`, "%5C", "|", "%7C", "\n", "%0A", "\r", "%0D")

// colours are those of a chart's lines, each with the square that stands for it
// in the legend, which GitHub's charts do not draw.
var colours = [maxSeries]struct{ code, square string }{
	{"#d92d20", "🟥"}, {"#2e6fdb", "🟦"}, {"#3b9b4b", "🟩"}, {"#e8871e", "🟧"}, {"#8e4ec6", "🟪"}, {"#8a5a3c", "🟫"},
}

// markdown draws the chart in the language of Mermaid. No text of the record is
// in it.
func (c chart) markdown() string {
	var codes, legend []string
	var lines strings.Builder
	top := 0.0
	for i, s := range c.series {
		codes = append(codes, colours[i].code)
		legend = append(legend, colours[i].square+" "+escape(s.name))
		points := make([]string, len(s.mib))
		for k, v := range s.mib {
			points[k] = fmt.Sprintf("%.2f", v)
			top = max(top, v)
		}
		fmt.Fprintf(&lines, "  line [%s]\n", strings.Join(points, ", "))
	}
	note := ""
	if c.hidden > 0 {
		note = fmt.Sprintf(" · not drawn: %d more", c.hidden)
	}
	across := "requests"
	if c.axis != "" {
		across = "what was counted"
	}
	return fmt.Sprintf("\n### Live heap in MiB over %s\n\n"+
		"```mermaid\n%%%%{init: {\"themeVariables\": {\"xyChart\": {\"plotColorPalette\": \"%s\"}}}}%%%%\n"+
		"xychart-beta\n  x-axis \"%s\" 0 --> %d\n  y-axis \"live heap, MiB\" 0 --> %.2f\n%s```\n\n%s%s\n",
		escape(c.axis.units()), strings.Join(codes, ", "), across, c.requests, 1.05*top+0.01, lines.String(), strings.Join(legend, " · "), note)
}

// markdown renders the rows as a GitHub table.
func (g grid) markdown() string {
	return g.writer(func(row, column int, cell string) string {
		if column == 1 && row < len(g.urls) {
			return linked(escape(cell), g.urls[row])
		}
		return escape(cell)
	}).RenderMarkdown() + "\n"
}
