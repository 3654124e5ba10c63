package lab

import (
	"context"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/load"
)

const (
	// SlowFactor is how many times slower than asked a target must be to be given
	// less: what holds half of the rate gets all of it.
	SlowFactor = 2
	// A slow target's burst and its warm-up get a warmUpShare of the time each, and a
	// segment a segmentShare: 24 of them, the settling one and six over new connections
	// then take a third of it, and what grows has time left to be watched at rest and to
	// be flooded. That must add as many keys as it had before, and goes on for no more than
	// 20 s, whatever the time is: they are shares of mostShared at most.
	warmUpShare  = 1.0 / 20
	segmentShare = 1.0 / 100
	mostShared   = 45 * time.Second
	// leastSegment is the least that a segment is cut to.
	leastSegment = 10
	// acquittalFactor is how many times the least segments an acquittal takes.
	acquittalFactor = 3
)

// Pace is how fast a target answers, as its first requests tell.
type Pace struct {
	// PerSecond is its answers a second, asked over all of the load's connections at
	// once; zero: not known.
	PerSecond float64
	// Latency is that of one request alone.
	Latency time.Duration
}

// Fit is the load that a target of this pace has time for: less warm-up and shorter
// segments where it answers less than half of what is asked for and they would take
// more than their share of the time. A segment that had as many of each kind of
// request still has, and is not cut below what the target answers at the same time,
// for that makes it no shorter. fitted tells whether anything was cut.
func (p Pace) Fit(l harness.Load, kinds int) (fit harness.Load, fitted bool) {
	if p.PerSecond <= 0 || SlowFactor*p.PerSecond >= float64(l.Rate) {
		return l, false
	}
	fit = l
	in := func(share float64) int { return int(p.PerSecond * shared(l, share).Seconds()) }
	fit.WarmUp = min(l.WarmUp, max(in(warmUpShare), l.Connections))
	fit.Segment = max(in(segmentShare), int(p.PerSecond*p.Latency.Seconds()), leastSegment)
	if kinds > 0 && kinds <= l.Segment {
		fit.Segment = max(1, (fit.Segment+kinds-1)/kinds) * kinds
	}
	if fit.Segment = min(fit.Segment, l.Segment); fit.WarmUp == l.WarmUp && fit.Segment == l.Segment {
		return l, false
	}
	if !l.Rate.IsMax() { // as much time as before
		most := float64(l.Segments.Max*l.Segment) / float64(l.Rate) * p.PerSecond / float64(fit.Segment)
		fit.Segments.Max = min(l.Segments.Max, max(acquittalFactor*l.Segments.Min, int(most)))
	}
	return fit, true
}

// shared is a share of the time of a load with a slow target.
func shared(l harness.Load, share float64) time.Duration {
	return time.Duration(share * float64(min(time.Duration(l.MaxTime), mostShared)))
}

// warnOfPace warns of a load that was cut to fit.
func (r *run) warnOfPace() {
	if r.plan.Pace <= 0 {
		return
	}
	l := r.plan.Scenario.Load
	n := func(requests int) string { return harness.FormatCount(float64(requests)) }
	r.warn("load-cut", fmt.Sprintf("some %s requests a second are answered: for a verdict within %s the warm-up was cut to %s requests and segments to %s",
		harness.FormatCount(r.plan.Pace), l.MaxTime, n(r.burst()+l.WarmUp), n(l.Segment)))
}

// paceOf is how many requests a second a subject answers where it is slow, so that a
// round must be no longer than there is time for. Zero: it holds at least half of
// what is asked for, or nothing is known of it yet.
func (r *run) paceOf(s *subject) float64 {
	switch {
	case r.plan.Pace == 0 && !slow(s.load):
		return 0
	case s.load.ElapsedSeconds > 0:
		return answered(s.load)
	}
	return r.plan.Pace
}

// slow tells whether a target took more than SlowFactor times as long as it was to.
func slow(l load.Result) bool { return l.Lag() > SlowFactor-1 }

// answered is the answers a second of all of the time from the first request to the last
// answer: requests that wait for their turn are not answered as fast as they are sent.
func answered(l load.Result) float64 {
	if l.ElapsedSeconds <= 0 {
		return 0
	}
	return float64(l.Requests) / l.ElapsedSeconds
}

// timeFor tells whether a subject has the time for a round at its own pace that has
// at least the requests of a segment: one that is cut short is not read.
func (r *run) timeFor(s *subject, round harness.Round) bool {
	pace := r.paceOf(s)
	return pace == 0 || round == harness.Rest || float64(r.plan.Scenario.Load.Segment)/pace < r.left().Seconds()
}

// left is the time that the load has left.
func (r *run) left() time.Duration { return time.Until(r.ends) }

// lateSampling is how long after its time a run with a slow target may still look for
// where it allocates.
const lateSampling = 3 * time.Second

// samplingTime is ctx with the time that the search for where targets allocate has: what
// is slow would use up all of it.
func (r *run) samplingTime(ctx context.Context) (context.Context, context.CancelFunc) {
	for _, s := range r.subjects {
		if r.paceOf(s) > 0 {
			return context.WithDeadline(ctx, r.ends.Add(lateSampling))
		}
	}
	return context.WithCancel(ctx)
}
