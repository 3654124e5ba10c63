package compare

import (
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// reading is what a round of requests added to a figure; false where that was
// not read.
type reading func(before, after harness.Checkpoint) (added float64, ok bool)

func objects(before, after harness.Checkpoint) (float64, bool) {
	return float64(after.LiveObjects - before.LiveObjects), true
}

func goroutines(before, after harness.Checkpoint) (float64, bool) {
	return float64(after.Goroutines - before.Goroutines), true
}

func allocated(_, after harness.Checkpoint) (float64, bool) {
	return float64(after.LoadAllocBytes), after.LoadAllocBytes > 0
}

func processor(_, after harness.Checkpoint) (float64, bool) {
	if after.LoadCPUSeconds == nil {
		return 0, false
	}
	return *after.LoadCPUSeconds, true
}

// perRequest is what a request adds: the robust slope of what the fresh rounds
// added one after the other, with its interval. Nil where fewer than three rounds
// were read.
func perRequest(v harness.Result, read reading) *Estimate {
	sum := trend.Point{}
	points := []trend.Point{sum}
	for i := 1; i < len(v.Checkpoints); i++ {
		before, after := v.Checkpoints[i-1], v.Checkpoints[i]
		if after.Round.OrDefault() != harness.Fresh {
			continue
		}
		added, ok := read(before, after)
		if !ok {
			continue
		}
		sum.X, sum.Y = sum.X+float64(after.Requests-before.Requests), sum.Y+added
		points = append(points, sum)
	}
	line, ok := trend.TheilSen(points, trend.Z99)
	if !ok {
		return nil
	}
	return &Estimate{Value: line.Slope, Low: &line.Low, High: &line.High}
}

// period is the time of which a growth is told, and the rate of the scenario.
type period struct {
	seconds float64
	rate    harness.Rate
}

// hour is the time of which growth is told where no budget names one, in seconds.
const hour = 3600

// periodOf is that of the head's growth budget, or else an hour.
func periodOf(base, head harness.Record) period {
	p := period{seconds: hour, rate: base.Spec.Load.Rate}
	if over := head.Spec.Budget.Growth.Over; over > 0 {
		p.seconds = over.Seconds()
	}
	return p
}

// requests is the number of requests in the time. Of a closed loop it is that of
// the base, for the head too: a faster program leaks no more for that.
func (p period) requests(base, head harness.Result) float64 {
	switch {
	case !p.rate.IsMax():
		return float64(p.rate) * p.seconds
	case base.Load.RatePerSecond > 0:
		return base.Load.RatePerSecond * p.seconds
	}
	return head.Load.RatePerSecond * p.seconds
}
