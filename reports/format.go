package reports

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/leaklab/leaklab/harness"
)

// unknown stands for what was not measured.
const unknown = "–"

// maxTextRunes bounds a text of the record in a report.
const maxTextRunes = 400

// known formats a figure, or says that it is not known.
func known[T any](v *T, format func(T) string) string {
	if v == nil {
		return unknown
	}
	return format(*v)
}

func bytesOf[T int64 | float64](v T) string { return harness.FormatBytes(float64(v)) }

// milliseconds has no unit: it stands in a table, whose header has.
func milliseconds(seconds float64) string { return harness.FormatCount(seconds * 1000) }

func percent(share float64) string { return harness.FormatCount(share*100) + " %" }

// span prints a time as a person says it: "14.2 s", "3 min 10 s", "2 h 5 min".
func span(seconds float64) string {
	whole := math.Round(seconds)
	switch {
	case seconds < 60:
		return harness.FormatCount(seconds) + " s"
	case whole < 3600:
		return fmt.Sprintf("%d min %d s", int(whole)/60, int(whole)%60)
	case whole < 48*3600:
		return fmt.Sprintf("%d h %d min", int(whole)/3600, int(whole)/60%60)
	}
	return harness.FormatCount(seconds/86400) + " days"
}

// between prints two figures and the unit once where it is that of the value:
// "53–53.2" beside "53.1 KiB".
func between(value, low, high string) string {
	_, unit, _ := strings.Cut(value, " ")
	shortLow, lowFits := strings.CutSuffix(low, " "+unit)
	shortHigh, highFits := strings.CutSuffix(high, " "+unit)
	if lowFits && highFits {
		low, high = shortLow, shortHigh
	}
	return low + "–" + high
}

// safe is a text of the record that can do no harm to a terminal or a line:
// control and formatting characters become a visible mark, white space a space,
// and what is too long is cut.
func safe(text string) string {
	runes := 0
	var b strings.Builder
	for _, r := range text {
		if runes++; runes > maxTextRunes {
			b.WriteRune('…')
			break
		}
		switch {
		case unicode.IsSpace(r):
			b.WriteRune(' ')
		case !unicode.IsPrint(r):
			b.WriteRune(unicode.ReplacementChar)
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}
