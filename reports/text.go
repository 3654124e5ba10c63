package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/leaklab/leaklab/harness"
)

// Text writes the report for a terminal. Its error is the writer's.
func Text(w io.Writer, r harness.Record, o Options) error {
	v := newView(r, o)
	paint := func(t tone, s string) string { return s }
	if o.Color {
		paint = colour
	}
	var b strings.Builder
	b.WriteString(wrapped(v.head) + "\n")
	if len(v.budget) > 0 {
		b.WriteString("budget: " + strings.Join(v.budget, " · ") + "\n")
	}
	b.WriteString("\n" + v.verdicts.text(func(row, column int, cell string) string {
		if column == 1 {
			return paint(v.verdicts.tones[row], cell)
		}
		return cell
	}) + "\n")
	for _, f := range v.findings {
		textFinding(&b, f, paint)
	}
	b.WriteString("\n" + v.tradeoff.text(func(_, _ int, cell string) string { return cell }))
	if v.memoryOf != "" {
		b.WriteString("  " + v.memoryOf + "\n")
	}
	b.WriteString("\n")
	for i, n := range v.notes {
		fmt.Fprintf(&b, "  [%d] %s\n", i+1, n)
	}
	last := []string{paint(v.tone, v.verdict) + ": " + v.because, v.seconds}
	if v.dir != "" {
		last = append(last, v.dir)
	}
	b.WriteString(strings.Join(last, " · ") + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// maxColumns is how wide a line of prose may be.
const maxColumns = 120

// wrapped is the parts of a line, on several where one is too wide.
func wrapped(parts []string) string {
	lines := []string{parts[0]}
	for _, part := range parts[1:] {
		last := &lines[len(lines)-1]
		if longer := *last + " · " + part; utf8.RuneCountInString(longer) <= maxColumns {
			*last = longer
		} else {
			lines = append(lines, "  "+part)
		}
	}
	return strings.Join(lines, "\n")
}

// textFinding says the least of a variant that is not accused: a line, and what
// its noise is made of.
func textFinding(b *strings.Builder, f finding, paint func(tone, string) string) {
	if !f.accused && len(f.reasons) == 1 {
		fmt.Fprintf(b, "  %s: %s\n", f.name, f.reasons[0])
		if len(f.sites) > 0 {
			fmt.Fprintf(b, "    grew most  %s\n", f.sites[0])
		}
		return
	}
	fmt.Fprintf(b, "  %s: %s\n", f.name, paint(f.tone, f.label))
	for _, reason := range f.reasons {
		fmt.Fprintf(b, "    %s\n", reason)
	}
	if f.forecast != "" {
		fmt.Fprintf(b, "    %s\n", f.forecast)
	}
	for _, site := range f.sites {
		fmt.Fprintf(b, "    %-9s  %s\n", f.verb(site), site)
		if site.caller != "" {
			fmt.Fprintf(b, "    called at  %s\n", site.caller)
		}
	}
	if len(f.fingerprints) > 0 {
		fmt.Fprintf(b, "    known as   %s\n", strings.Join(f.fingerprints, ", "))
	}
	if f.check != "" {
		fmt.Fprintf(b, "    check it   %s\n", f.check)
	}
	if f.repeat != "" {
		fmt.Fprintf(b, "    repeat it  %s\n", f.repeat)
	}
}

// colour repeats in green, red or yellow what the words say.
func colour(t tone, s string) string {
	code := map[tone]string{good: "32", bad: "31", unsure: "33"}[t]
	if code == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
