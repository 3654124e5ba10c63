package reports

import (
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// grows is what a variant's verdict rests on, for each request: the slope of the
// live heap; of an off-heap leak, what it adds outside Go's runtime; and of a leak
// beside which the live heap shrank, what its reasons count.
func grows(v harness.Verdict) string {
	if outside, ok := offHeap(v); ok {
		return bytesOf(outside) + " off-heap"
	}
	if !hidden(v) {
		return slope(v)
	}
	text := counts(v)
	if text == "" {
		return unknown
	}
	if again := reasonOf(v, "replay"); again != nil && again.Measured > 0 {
		text += " (sent again: " + perUnit(*again) + ")"
	}
	return text
}

// grown is what the live heap grew by over the load that was asked for; not known
// of a leak that it does not show.
func grown(v harness.Verdict) string {
	shrank := v.GrowthBytes != nil && *v.GrowthBytes <= 0
	if _, outside := offHeap(v); outside || shrank && accuses(v) {
		return unknown
	}
	return known(v.GrowthBytes, bytesOf)
}

// projected is what the slope comes to in the time of the growth budget; not known
// of a leak that the live heap does not show.
func projected(v harness.Verdict) string {
	if _, outside := offHeap(v); outside || hidden(v) {
		return unknown
	}
	return known(v.ProjectedGrowthBytes, bytesOf)
}

// hidden tells whether a variant leaks while its live heap shrank over the whole of
// the run: something large was let go of beside it.
func hidden(v harness.Verdict) bool {
	return accuses(v) && v.SlopeBytesPerRequest != nil && *v.SlopeBytesPerRequest <= 0
}

// accuses tells whether a verdict is of a leak.
func accuses(v harness.Verdict) bool { return v.Outcome == harness.Fail && leaks(v.Class) }

// counts is the first that a verdict's reasons found to grow for each request: "2.06
// objects"; empty where none did.
func counts(v harness.Verdict) string {
	for _, code := range []string{"slope", "objects", "goroutines"} {
		if r := reasonOf(v, code); r != nil && r.Measured > 0 {
			return perUnit(*r)
		}
	}
	return ""
}

// perUnit is the measurement of a reason, without what it is for each of.
func perUnit(r harness.Reason) string {
	switch thing, _, _ := strings.Cut(r.Unit, "/"); thing {
	case "objects", "goroutines":
		return counted(r.Measured, strings.TrimSuffix(thing, "s"))
	}
	return bytesOf(r.Measured)
}

// offHeap is the bytes that a request adds outside Go's runtime; false where the
// verdict does not rest on them.
func offHeap(v harness.Verdict) (bytes float64, ok bool) {
	if r := reasonOf(v, "off-heap"); r != nil {
		return r.Measured, true
	}
	return 0, false
}

// reasonOf is the first reason with a code, or nil.
func reasonOf(v harness.Verdict, code string) *harness.Reason {
	i := slices.IndexFunc(v.Reasons, func(r harness.Reason) bool { return r.Code == code })
	if i < 0 {
		return nil
	}
	return &v.Reasons[i]
}
