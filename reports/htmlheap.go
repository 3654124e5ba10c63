package reports

import (
	"fmt"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// htmlHeap is the live heap at the checkpoints, over the requests completed.
// Everything is in bytes.
type htmlHeap struct {
	Requests []int    `json:"requests"`
	Live     []int64  `json:"live"`
	Rounds   []string `json:"rounds"`
	// Line is the fit; null without one.
	Line *htmlLine `json:"line"`
	// Allowed is the growth a request that the budget allows; null without one.
	Allowed *float64 `json:"allowed"`
}

// htmlLine is a fitted line through a point, with the interval of its slope.
type htmlLine struct {
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	Slope float64 `json:"slope"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func newHTMLHeap(r harness.Record, v harness.Result, points int) htmlHeap {
	h := htmlHeap{Requests: []int{}, Live: []int64{}, Rounds: []string{}, Line: lineOf(v), Allowed: allowed(r, v)}
	for _, i := range spread(len(v.Checkpoints), points) {
		c := v.Checkpoints[i]
		h.Requests = append(h.Requests, c.Requests)
		h.Live = append(h.Live, c.LiveHeapBytes)
		h.Rounds = append(h.Rounds, safe(string(c.Round.OrDefault())))
	}
	return h
}

// spread is n indices at most, evenly spread over all, first and last included.
func spread(all, n int) []int {
	indices := make([]int, min(all, n))
	for i := range indices {
		indices[i] = i
		if all > n && n > 1 {
			indices[i] = i * (all - 1) / (n - 1)
		}
	}
	return indices
}

// lineOf puts the verdict's slope through the middle of the fresh rounds that it
// was fitted to: the record has no other intercept. Nil where nothing was fitted.
func lineOf(v harness.Result) *htmlLine {
	if v.Verdict.SlopeBytesPerRequest == nil {
		return nil
	}
	slope := *v.Verdict.SlopeBytesPerRequest
	line := htmlLine{Slope: slope, Low: slope, High: slope}
	if v.Verdict.SlopeLow != nil && v.Verdict.SlopeHigh != nil {
		line.Low, line.High = *v.Verdict.SlopeLow, *v.Verdict.SlopeHigh
	}
	var x, rest []float64
	for _, c := range v.Checkpoints {
		if c.Round.OrDefault() == harness.Fresh {
			x = append(x, float64(c.Requests))
			rest = append(rest, float64(c.LiveHeapBytes)-slope*float64(c.Requests))
		}
	}
	if len(x) == 0 {
		return nil
	}
	slices.Sort(rest)
	line.X = x[len(x)/2] // in order, as requests are
	line.Y = rest[len(rest)/2] + slope*line.X
	return &line
}

// allowed is the growth a request that the tighter of the budgets allows.
func allowed(r harness.Record, v harness.Result) *float64 {
	for _, reason := range v.Verdict.Reasons {
		if reason.Code == "slope" && reason.Budget != nil {
			return reason.Budget
		}
	}
	var least *float64
	tighten := func(bytes float64) {
		if bytes > 0 && (least == nil || bytes < *least) {
			least = new(bytes)
		}
	}
	b := r.Spec.Budget
	tighten(float64(b.Slope))
	if rate := float64(r.Spec.Load.Rate); !r.Spec.Load.Rate.IsMax() && rate > 0 && b.Growth.Over > 0 {
		tighten(float64(b.Growth.Bytes) / (b.Growth.Over.Seconds() * rate))
	}
	return least
}

// inWords says what the chart shows to who does not see it.
func (h htmlHeap) inWords(v harness.Result) string {
	a := axis(safe(v.Axis))
	n := len(h.Live)
	if n == 0 {
		return "nothing was measured"
	}
	text := fmt.Sprintf("live heap from %s to %s over %s %s", bytesOf(h.Live[0]), bytesOf(h.Live[n-1]),
		harness.FormatCount(float64(h.Requests[n-1])), a.units())
	if h.Line != nil {
		text += fmt.Sprintf(", fitted %s %s", slope(v.Verdict), a.each())
	}
	if h.Allowed != nil {
		text += fmt.Sprintf(", allowed %s", bytesOf(*h.Allowed))
	}
	return text
}
