package reports

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// forecast is when what a request adds fills a small pod at the rate of the run,
// with the interval of the slope, where the record has it and its ends print
// apart; empty where nothing is added, or a reason says when it fills the limit of
// its budget, or nobody knows the rate: the load came from elsewhere, or growth is
// paid per connection, which the requests of the run hardly made.
func forecast(r harness.Record, v harness.Result) string {
	said := slices.ContainsFunc(v.Verdict.Reasons, func(reason harness.Reason) bool { return reason.Code == "time-to-oom" })
	if said || v.Axis != "" || v.Verdict.Driver == harness.PerConnection {
		return ""
	}
	rate := float64(r.Spec.Load.Rate)
	if r.Spec.Load.Rate.IsMax() {
		rate = v.Load.RatePerSecond
	}
	fills := func(bytes float64) string { return fillTime(bytes * rate) }
	bytes, low, high := held(v)
	if bytes*rate <= 0 {
		return ""
	}
	text := fmt.Sprintf("at %s requests/s it fills 1 GiB in %s", harness.FormatCount(rate), fills(bytes))
	if low == nil || high == nil {
		return text
	}
	if soonest, latest := fills(max(*high, bytes)), fills(min(*low, bytes)); soonest != latest {
		text += fmt.Sprintf(", between %s and %s", soonest, latest)
	}
	return text
}

// held is the bytes that a request adds to the footprint, and its interval, nil
// where the record has none: those outside Go's runtime, or those of the live heap
// with the stacks of goroutines that stay.
func held(v harness.Result) (bytes float64, low, high *float64) {
	verdict := v.Verdict
	if outside, ok := offHeap(verdict); ok {
		return outside, nil, nil
	}
	if verdict.SlopeBytesPerRequest == nil {
		return 0, nil, nil
	}
	stay := 0.0
	if verdict.GoroutinesPerRequest != nil && verdict.Class == harness.Goroutine {
		stay = *verdict.GoroutinesPerRequest
	}
	with := func(slope float64) float64 { return judge.HeldPerRequest(v.Checkpoints, slope, stay) }
	if verdict.SlopeLow != nil && verdict.SlopeHigh != nil {
		low, high = new(with(*verdict.SlopeLow)), new(with(*verdict.SlopeHigh))
	}
	return with(*verdict.SlopeBytesPerRequest), low, high
}

// longest is the time beyond which a forecast says nothing: ten years.
const longest = 10 * 365 * 24 * time.Hour

// fillTime is how long a growth in bytes a second takes to fill 1 GiB.
func fillTime(bytesPerSecond float64) string {
	seconds := math.Inf(1)
	if bytesPerSecond > 0 {
		seconds = float64(harness.GiB) / bytesPerSecond
	}
	if seconds > longest.Seconds() {
		return "never"
	}
	return span(seconds)
}
