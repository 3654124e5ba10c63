package lab

import (
	"fmt"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/blame"
)

const (
	// minSamples is the fewest sampled objects that name a site: of fewer, the growth
	// is not known to ± 90 % (2 ÷ √5), and another run may name another.
	minSamples = 5
	// ProfileRate is the mean of bytes between two samples of programs that the lab
	// starts: it put the leaking site first in 30 of 30 runs, at no cost that could be
	// measured. Finer ones touch the runtime's table of stacks, which is off-heap
	// growth: clean services grew by 750 KiB at 4 KiB, by 500 at this, by 300 at the
	// runtime's own (24 segments, 2026-11).
	ProfileRate = 64 * harness.KiB
	// fineRate is the one to start a program with for its smallest leaks.
	fineRate = 4 * harness.KiB
)

// warnOfSampling warns where a target's runtime samples too few allocations to
// say where it leaks: the rate is the target's own. How much it leaks is certain
// all the same, for that rests on no sample.
func (r *run) warnOfSampling(s *subject, verdict harness.Verdict, points []blame.Point, sites []harness.Blame) {
	if verdict.Outcome != harness.Fail || verdict.Class != harness.Leak || len(points) == 0 {
		return
	}
	rate := harness.Bytes(points[len(points)-1].Profile.Period)
	if rate == 0 {
		r.warn("profile-off", fmt.Sprintf("%s: its runtime samples no allocations (MemProfileRate is 0): where it leaks cannot be told; "+
			"start it without that, or with GODEBUG=memprofilerate=%d", s.variant.Name, fineRate))
		return
	}
	samples, doubtful := doubt(sites, rate)
	if !doubtful {
		return
	}
	text := fmt.Sprintf("%s: its runtime samples one allocation in %s: %d sampled objects are too few to be sure of a site", s.variant.Name, rate, samples)
	if rate > fineRate {
		text += fmt.Sprintf("; start it with GODEBUG=memprofilerate=%d", fineRate)
	}
	r.warn("profile-coarse", text)
}

// doubt tells whether the first site is no more than a candidate, and how many
// sampled objects it rests on. At a fine rate few may be enough: a large object is
// sampled for certain.
func doubt(sites []harness.Blame, rate harness.Bytes) (samples int64, doubtful bool) {
	if len(sites) == 0 {
		return 0, true
	}
	first := sites[0]
	unproven := first.BytesPerRequestLow != nil && *first.BytesPerRequestLow <= 0
	return first.Samples, unproven || first.Samples < minSamples && rate > fineRate
}
