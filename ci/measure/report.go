package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// report prints the tables of the files, or puts them into a document.
func report(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(stderr)
	document := flags.String("o", "", "put the tables between the markers of `DOCUMENT`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	lines, err := readFiles(flags.Args())
	if err != nil {
		return err
	}
	return publish(tables(lines), *document, stdout)
}

// publish prints the tables, or puts them into a document.
func publish(tables map[string]string, document string, stdout io.Writer) error {
	if document == "" {
		for _, name := range []string{aa, resampled, sensitivity} {
			fmt.Fprint(stdout, tables[name])
		}
		return nil
	}
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	filled, err := fill(string(text), tables)
	if err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	return os.WriteFile(document, []byte(filled), 0o644)
}

// fill puts each table between its markers.
func fill(document string, tables map[string]string) (string, error) {
	for _, name := range []string{aa, resampled, sensitivity} {
		table, ok := tables[name]
		if !ok {
			continue
		}
		opening, closing := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
		before, rest, opened := strings.Cut(document, opening)
		_, after, closed := strings.Cut(rest, closing)
		if !opened || !closed {
			return "", fmt.Errorf("want the lines %q and %q", strings.TrimSpace(opening), strings.TrimSpace(closing))
		}
		document = before + opening + table + closing + after
	}
	return document, nil
}

// tables are the tables of the measurements that have lines.
func tables(lines []line) map[string]string {
	tables := map[string]string{}
	for _, l := range lines {
		of := func(other line) bool { return other.Measurement == l.Measurement }
		if _, done := tables[l.Measurement]; !done {
			tables[l.Measurement] = table(l.Measurement, slices.DeleteFunc(slices.Clone(lines), func(o line) bool { return !of(o) }))
		}
	}
	return tables
}

// table is the table of one measurement, with a part for each of the conditions
// under which it was made.
func table(name string, lines []line) string {
	var conditions []Conditions
	for _, l := range lines {
		if !slices.Contains(conditions, l.Conditions) {
			conditions = append(conditions, l.Conditions)
		}
	}
	var b strings.Builder
	for _, c := range conditions {
		under := slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.Conditions != c })
		slices.SortStableFunc(under, func(a, b line) int { return a.At.Compare(b.At) })
		first, last := under[0].At, under[len(under)-1].At
		fmt.Fprintf(&b, "\n%s; %s to %s.\n\n", c, first.Format("2006-01-02 15:04"), last.Format("2006-01-02 15:04 MST"))
		if name == aa {
			writeAA(&b, under)
		} else {
			writeSensitivity(&b, under)
		}
	}
	b.WriteByte('\n')
	return b.String()
}

func writeAA(b *strings.Builder, lines []line) {
	b.WriteString("| service | what it does | fail | inconclusive | classes | s to verdict, median / max |\n|---|---|---|---|---|---|\n")
	for _, s := range cleanShapes() {
		if of := ofService(lines, s); len(of) > 0 {
			fmt.Fprintf(b, "| %s | %s | %d of %d | %d of %d | %s | %s |\n", s.name, s.about,
				count(of, harness.Fail), len(of), count(of, harness.Inconclusive), len(of), classes(of), spread(of, seconds, "%.1f"))
		}
	}
	alarms, open, n := count(lines, harness.Fail), count(lines, harness.Inconclusive), len(lines)
	fmt.Fprintf(b, "\nFalse alarms: **%d of %d real runs, 95 %% upper bound %.2g %%**. Inconclusive: %d of %d, 95 %% upper bound %.2g %%.\n",
		alarms, n, 100*upperBound(alarms, n), open, n, 100*upperBound(open, n))
}

func writeSensitivity(b *strings.Builder, lines []line) {
	b.WriteString("| leak | what it keeps | caught | otherwise | requests to verdict, median / max | s to verdict, median / max | driver |\n|---|---|---|---|---|---|---|\n")
	for _, s := range leaks() {
		of := ofService(lines, s)
		if len(of) == 0 {
			continue
		}
		caught := slices.DeleteFunc(slices.Clone(of), func(l line) bool { return l.Outcome != harness.Fail })
		missed := slices.DeleteFunc(slices.Clone(of), func(l line) bool { return l.Outcome == harness.Fail })
		fmt.Fprintf(b, "| %s | %s | %d of %d | %s | %s | %s | %s |\n", s.name, s.about, len(caught), len(of),
			tally(missed, func(l line) string { return string(l.Outcome) }), spread(caught, requests, "%.0f"), spread(caught, seconds, "%.1f"),
			tally(caught, func(l line) string { return string(l.Driver) }))
	}
}

func ofService(lines []line, s service) []line {
	return slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.Service != s.name })
}

func count(lines []line, outcome harness.Outcome) int {
	return len(slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.Outcome != outcome }))
}

func classes(lines []line) string {
	return tally(lines, func(l line) string { return string(l.Class) })
}

func seconds(l line) float64  { return l.Seconds }
func requests(l line) float64 { return float64(l.Requests) }

// tally counts the lines by a word, the most frequent first; only the word where
// there is one.
func tally(lines []line, word func(line) string) string {
	counts := map[string]int{}
	for _, l := range lines {
		counts[cmp.Or(word(l), "none")]++
	}
	words := make([]string, 0, len(counts))
	for w, n := range counts {
		words = append(words, fmt.Sprintf("%d %s", n, w))
	}
	slices.SortFunc(words, func(a, b string) int {
		var m, n int
		_, _ = fmt.Sscan(a, &m)
		_, _ = fmt.Sscan(b, &n)
		return cmp.Or(cmp.Compare(n, m), cmp.Compare(a, b))
	})
	return strings.Join(words, ", ")
}

// spread is the median and the largest of a figure, or a dash of none.
func spread(lines []line, figure func(line) float64, format string) string {
	if len(lines) == 0 {
		return "–"
	}
	values := make([]float64, len(lines))
	for i, l := range lines {
		values[i] = figure(l)
	}
	slices.Sort(values)
	n := len(values)
	return fmt.Sprintf(format+" / "+format, (values[(n-1)/2]+values[n/2])/2, values[n-1])
}
