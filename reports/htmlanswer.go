package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// htmlAnswer says in a few words whether anything leaks; where one variant does,
// how much, and each time what.
type htmlAnswer struct{ Text, Amount, Per string }

func answer(self *harness.SelfTest, variants []harness.Result) htmlAnswer {
	if untrusted(self) != "" {
		return htmlAnswer{Text: "No verdict of this run can be trusted"}
	}
	count := map[string]int{}
	first := map[string]harness.Result{}
	for _, v := range variants {
		kind := kindOf(v)
		if count[kind]++; count[kind] == 1 {
			first[kind] = v
		}
	}
	if count["leak"] == 1 {
		amount, per := figure(first["leak"])
		return htmlAnswer{Text: safe(first["leak"].Name) + " leaks", Amount: amount, Per: per}
	}
	return htmlAnswer{Text: countedAnswer(count, first, len(variants))}
}

// countedAnswer says how many variants are what, the worst that there is.
func countedAnswer(count map[string]int, first map[string]harness.Result, variants int) string {
	of := fmt.Sprintf("of %d variants", variants)
	switch {
	case count["leak"] > 1:
		return fmt.Sprintf("%d %s leak", count["leak"], of)
	case count["over"] == 1:
		return safe(first["over"].Name) + " is over its budget"
	case count["over"] > 1:
		return fmt.Sprintf("%d %s are over their budget", count["over"], of)
	case count["unsure"] == 1:
		return "Not known yet whether " + safe(first["unsure"].Name) + " leaks"
	case count["unsure"] > 1:
		return fmt.Sprintf("Not known yet whether %d %s leak", count["unsure"], of)
	case variants == 0:
		return "Nothing was measured"
	}
	return "No leak found"
}

// rest says what was excluded for the variants that passed: the weakest bound of
// all of them.
func rest(variants []harness.Result) string {
	clean, bounded, bound := 0, 0, resolution
	for _, v := range variants {
		if v.Verdict.Outcome != harness.Pass {
			continue
		}
		clean++
		if v.Verdict.Class == harness.Steady && v.Verdict.SlopeHigh != nil {
			bounded++
			bound = max(bound, *v.Verdict.SlopeHigh)
		}
	}
	who := "1 variant is clean"
	switch {
	case clean == 0:
		return ""
	case clean == len(variants) && clean > 1:
		who = fmt.Sprintf("All %d variants are clean", clean)
	case clean > 1:
		who = fmt.Sprintf("%d variants are clean", clean)
	}
	if bounded < clean {
		return who + "."
	}
	return fmt.Sprintf("%s: no leak above %s %s.", who, bytesOf(bound), axisOf(harness.Record{Variants: variants}).each())
}

// says is a variant's verdict in a sentence.
func says(v harness.Result) string {
	all := reasons(v)
	if v.Verdict.Outcome == harness.Pass {
		return strings.Join(all[:min(2, len(all))], "; ")
	}
	return all[0]
}

// figure is how much a leak adds and each time what: "77.1 KiB", "per request".
// Empty where that was not measured.
func figure(v harness.Result) (amount, per string) {
	verdict := v.Verdict
	switch {
	case verdict.Class == harness.Goroutine && verdict.GoroutinesPerRequest != nil:
		return counted(*verdict.GoroutinesPerRequest, "goroutine"), axis(safe(v.Axis)).per()
	case verdict.Class == harness.Footprint:
		if outside, ok := offHeap(verdict); ok {
			return bytesOf(outside) + " off-heap", axis(safe(v.Axis)).per()
		}
		return "", ""
	}
	for _, p := range verdict.Parts { // the slope says it best where all requests pay
		if p.Driver == verdict.Driver && p.Driver != harness.PerRequest && p.Bytes > 0 {
			return bytesOf(p.Bytes), "per " + payer(p)
		}
	}
	if verdict.SlopeBytesPerRequest != nil && *verdict.SlopeBytesPerRequest > 0 {
		return bytesOf(*verdict.SlopeBytesPerRequest), axis(safe(v.Axis)).per()
	}
	if amount = counts(verdict); amount == "" {
		return "", ""
	}
	return amount, axis(safe(v.Axis)).per()
}
