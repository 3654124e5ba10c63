package main

import (
	"time"

	"github.com/leaklab/leaklab/harness"
)

const (
	// verdictRounds is how many segments' time a verdict may take: 24 to acquit and six
	// over new connections; or ten to accuse, some sent again, and a flood of as many
	// keys as there were before.
	verdictRounds = 40
	// usedUp is the part of the time from which on there was no room for another round.
	usedUp = 0.9
	// moreTime is the least that more time must be of what was not enough.
	moreTime = 1.5
)

// outOfTime tells whether a run ended without a verdict because its time did.
func outOfTime(l harness.Load, v harness.Result) bool {
	last := 0.0
	if n := len(v.Checkpoints); n > 1 {
		last = v.Checkpoints[n-1].AtSeconds + roundSeconds(l, v)
	}
	return v.Verdict.Outcome == harness.Inconclusive && v.Death == nil &&
		(len(v.Checkpoints) < 2 || last >= usedUp*l.MaxTime.Seconds())
}

// enoughTime is what a verdict on a service would take at the pace that it held: its
// warm-up, the segments, and the patience with what grows; in steps of ten seconds.
func enoughTime(l harness.Load, v harness.Result) time.Duration {
	warmUp := float64(l.WarmUp+l.SegmentAt(0)) / v.Load.RatePerSecond
	if len(v.Checkpoints) > 0 {
		warmUp = v.Checkpoints[0].AtSeconds
	}
	seconds := max(warmUp+verdictRounds*roundSeconds(l, v)+l.Patience.Seconds(), moreTime*l.MaxTime.Seconds())
	const step = 10 * time.Second
	return (time.Duration(seconds*float64(time.Second)) + step - 1).Truncate(step)
}

// roundSeconds is how long a segment took with its checkpoint, or, before there was
// one, would take.
func roundSeconds(l harness.Load, v harness.Result) float64 {
	rounds, seconds := 0, 0.0
	for i := 1; i < len(v.Checkpoints); i++ {
		if v.Checkpoints[i].Round.OrDefault() == harness.Fresh {
			rounds++
			seconds += v.Checkpoints[i].AtSeconds - v.Checkpoints[i-1].AtSeconds
		}
	}
	if rounds == 0 {
		return float64(l.Segment) / v.Load.RatePerSecond
	}
	return seconds / float64(rounds)
}
