package lab

import (
	"fmt"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/blame"
)

// minSamples is the fewest sampled objects that name a site: of fewer, the growth
// is not known to ± 90 % (2 ÷ √5), and another run may name another.
const minSamples = 5

// warnOfSampling warns where a target's runtime samples too few allocations to
// say where it leaks: the rate is the target's own. How much it leaks is certain
// all the same, for that rests on no sample.
func (r *run) warnOfSampling(s *subject, verdict harness.Verdict, points []blame.Point, sites []harness.Blame) {
	if verdict.Outcome != harness.Fail || verdict.Class != harness.Leak || len(points) == 0 {
		return
	}
	samples := int64(0)
	if len(sites) > 0 {
		samples = sites[0].Samples
	}
	switch period := points[len(points)-1].Profile.Period; {
	case period == 0:
		r.warn("profile-off", fmt.Sprintf("%s: its runtime samples no allocations (MemProfileRate is 0): where it leaks cannot be told; "+
			"start it without that, or with GODEBUG=memprofilerate=4096", s.variant.Name))
	case samples < minSamples:
		r.warn("profile-coarse", fmt.Sprintf("%s: its runtime samples one allocation in %s: %d sampled objects are too few to be sure of a site; "+
			"start it with GODEBUG=memprofilerate=4096", s.variant.Name, harness.Bytes(period), samples))
	}
}
