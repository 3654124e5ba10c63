package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// verdictGrid has a row for each variant: what it is, what it grows by and what
// it costs.
func verdictGrid(r harness.Record, notes []note) grid {
	ahead := "projected"
	if over := r.Spec.Budget.Growth.Over; over > 0 {
		ahead = "in " + over.String()
	}
	g := grid{header: []string{
		"variant", "verdict", "grows " + axisOf(r).each(), "growth", ahead, "churn", "CPU ms", "p50/p99 ms", "wrong", "false +",
	}}
	for _, v := range r.Variants {
		g.add(toneOf(v),
			safe(v.Name)+marks(safe(v.Name), notes),
			label(v),
			grows(v.Verdict),
			grown(v.Verdict),
			projected(v.Verdict),
			known(v.Verdict.ChurnBytesPerRequest, bytesOf),
			known(v.Load.CPUSecondsPerRequest, milliseconds),
			latency(v.Load),
			wrong(v.Answers),
			falsePositives(v.Answers),
		)
	}
	g.dropUnknown(ahead, "wrong", "false +")
	return g
}

// label is a verdict in a few words; what is not as expected stands out without
// any colour.
func label(v harness.Result) string {
	var words string
	switch class := v.Verdict.Class; v.Verdict.Outcome {
	case harness.Pass:
		words = "clean"
		if class != harness.Steady && class != "" {
			words += ", " + safe(string(class))
		}
	case harness.Fail:
		words = "OVER BUDGET"
		if leaks(class) {
			words = map[harness.Class]string{harness.Leak: "LEAK", harness.Goroutine: "GOROUTINE LEAK", harness.Footprint: "OFF-HEAP LEAK"}[class]
		}
	default:
		words = "inconclusive"
	}
	if v.Death != nil {
		words += ", " + safe(v.Death.Cause)
	}
	if v.Suppressed {
		words += ", suppressed"
	}
	switch v.Expect {
	case harness.ExpectAny:
		words += ", reference"
	case harness.ExpectLeak:
		words += map[harness.Outcome]string{harness.Fail: ", expected", harness.Pass: ", LEAK EXPECTED"}[v.Verdict.Outcome]
	}
	return words
}

// leaks tells whether a failed verdict of a class means growth without an end.
func leaks(c harness.Class) bool {
	return c.Leaks()
}

func toneOf(v harness.Result) tone {
	switch {
	case v.AsExpected:
		return good
	case v.Verdict.Outcome == harness.Pass || v.Verdict.Outcome == harness.Fail:
		return bad
	}
	return unsure
}

// marks refers to the notes that are of a variant: "[1][3]".
func marks(variant string, notes []note) string {
	var b strings.Builder
	for i, n := range notes {
		if slices.Contains(n.variants, variant) {
			fmt.Fprintf(&b, "[%d]", i+1)
		}
	}
	return b.String()
}

// slope is the growth of a variant's live heap for each request with its interval; where that
// holds 0, only the upper end matters.
func slope(v harness.Verdict) string {
	if v.SlopeBytesPerRequest == nil {
		return unknown
	}
	value := bytesOf(*v.SlopeBytesPerRequest)
	switch {
	case v.SlopeLow == nil || v.SlopeHigh == nil:
		return value
	case v.Outcome == harness.Pass && *v.SlopeLow > 0 && (v.Class == harness.Plateau || v.Class == harness.Capacity):
		return value + " (to a bound)" // that of the time before: no limit of what is to come
	case v.Outcome == harness.Pass || *v.SlopeLow <= 0:
		return fmt.Sprintf("%s (≤ %s)", value, bytesOf(*v.SlopeHigh))
	}
	return fmt.Sprintf("%s (%s)", value, between(value, bytesOf(*v.SlopeLow), bytesOf(*v.SlopeHigh)))
}

func latency(l harness.LoadResult) string {
	if l.LatencyP50Seconds == nil && l.LatencyP99Seconds == nil {
		return unknown
	}
	return known(l.LatencyP50Seconds, milliseconds) + "/" + known(l.LatencyP99Seconds, milliseconds)
}

func wrong(a harness.Answers) string {
	if a.Checked == 0 {
		return unknown
	}
	return harness.FormatCount(float64(a.Wrong))
}

// falsePositives is their count and, where there are some, their rate among the
// requests whose true answer was no.
func falsePositives(a harness.Answers) string {
	switch {
	case a.Checked == 0:
		return unknown
	case a.FalsePositives == 0 || a.Negatives == 0:
		return harness.FormatCount(float64(a.FalsePositives))
	}
	return fmt.Sprintf("%s (%s)", harness.FormatCount(float64(a.FalsePositives)), percent(float64(a.FalsePositives)/float64(a.Negatives)))
}
