package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// overBudget is the reasons of budgets that bound no growth: the peak of the
// live heap and of the footprint, the churn.
func overBudget(e Evidence) []harness.Reason {
	var reasons []harness.Reason
	if peak := peakBytes(e.Checkpoints); e.Budget.Peak > 0 && peak > int64(e.Budget.Peak) {
		reasons = append(reasons, peakReason(e, peak))
	}
	if rss := peakRSS(e.Checkpoints); e.Budget.RSS > 0 && rss > int64(e.Budget.RSS) {
		reasons = append(reasons, rssReason(e, rss))
	}
	enough := len(e.Checkpoints)-1 >= e.Load.Segments.Min || e.Last
	if share := gcShare(harness.Asked(e.Checkpoints)); e.Budget.GCCPU > 0 && enough && share != nil && *share > float64(e.Budget.GCCPU) {
		reasons = append(reasons, gcReason(e, *share))
	}
	if churn := churn(harness.Asked(e.Checkpoints)); e.Budget.Churn > 0 && enough && churn != nil && *churn > float64(e.Budget.Churn) {
		reasons = append(reasons, churnReason(e, *churn))
	}
	return reasons
}

// nearBudget warns of what is over the warning level. Of growth it warns in each
// channel whose own was not found bounded, and which the reasons do not name.
func (f *finding) nearBudget() []harness.Warning {
	e, fresh := f.evidence, f.fresh
	if e.Warn == (harness.Budget{}) {
		return nil
	}
	e.Budget, fresh.Budget = e.Warn, e.Warn
	reasons := overBudget(e)
	if f.verdict.Class != harness.Plateau && f.verdict.Class != harness.Delayed {
		growing := slices.DeleteFunc(growingChannels(fresh, measure(fresh)), func(c channel) bool {
			return !c.kind.budgeted(e.Warn) || slices.ContainsFunc(f.growing, func(g channel) bool { return g.kind == c.kind })
		})
		reasons = append(growthReasons(fresh, growing), reasons...)
	}
	var warnings []harness.Warning
	for _, r := range reasons {
		said := func(other harness.Reason) bool { return other.Code == r.Code }
		if !slices.ContainsFunc(f.verdict.Reasons, said) {
			warnings = append(warnings, harness.Warning{Code: "warn-" + r.Code, Text: "over the warning level: " + r.Text})
		}
	}
	return warnings
}

// budgeted tells whether a budget says anything of what the kind counts.
func (k kind) budgeted(b harness.Budget) bool {
	switch k {
	case liveBytes:
		return b.Slope > 0 || b.Growth != harness.Growth{} || b.TimeToOOM != harness.TimeToOOM{}
	case liveObjects:
		return b.Objects > 0
	case goroutines:
		return b.Goroutines > 0
	}
	return b.OffHeap > 0
}

func peakBytes(checkpoints []harness.Checkpoint) int64 {
	var peak int64
	for _, c := range harness.Asked(checkpoints) {
		peak = max(peak, c.LiveHeapBytes)
	}
	return peak
}

// peakRSS is the largest footprint at the checkpoints before the first flood: zero
// where none was read.
func peakRSS(checkpoints []harness.Checkpoint) int64 {
	var peak int64
	for _, c := range harness.Asked(checkpoints) {
		if c.RSSBytes != nil {
			peak = max(peak, *c.RSSBytes)
		}
	}
	return peak
}

// churn is the allocated bytes per request, from the segments between the
// checkpoints, or nil where no request was completed.
func churn(checkpoints []harness.Checkpoint) *float64 {
	if len(checkpoints) < 2 {
		return nil
	}
	requests, allocated := 0, 0.0
	for i, c := range checkpoints[1:] {
		if sent := c.Requests - checkpoints[i].Requests; sent > 0 && c.LoadAllocBytes > 0 {
			requests += sent
			allocated += float64(c.LoadAllocBytes)
		}
	}
	if requests <= 0 {
		return nil
	}
	return new(allocated / float64(requests))
}

// gcShare is the part of the CPU time under load that collected garbage, or nil
// where the target does not tell.
func gcShare(checkpoints []harness.Checkpoint) *float64 {
	var collecting, all float64
	for _, c := range checkpoints {
		if c.LoadGCCPUSeconds != nil && c.LoadCPUSeconds != nil {
			collecting += *c.LoadGCCPUSeconds
			all += *c.LoadCPUSeconds
		}
	}
	if all <= 0 {
		return nil
	}
	return new(collecting / all)
}

// filledByHeap tells whether the growth of the live heap is most of the growth of
// the footprint up to the ceiling: too soon for a line, but not for that.
func filledByHeap(e Evidence) bool {
	if len(e.Checkpoints) < 2 {
		return false
	}
	grown := footprintOf(e.Checkpoints[len(e.Checkpoints)-1]) - footprintOf(e.Checkpoints[0])
	return grown > 0 && lastGrowth(e) > grown/2
}

// footprintOf is what the process holds, or, where that cannot be read, what Go's
// runtime does.
func footprintOf(c harness.Checkpoint) int64 {
	if c.RSSBytes != nil {
		return *c.RSSBytes
	}
	return c.SysBytes - c.ReleasedBytes
}
