package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// quietCheckpoints are the fewest without load that accuse: ten, as everywhere (see
// [confidence]).
const quietCheckpoints = 10

// overTime decides growth that goes on without load, once it was watched: what fills
// in the background, or keeps a while of samples, stops, and does not go on in a
// flood either. Where it does, it is none over time, and nothing is settled.
func (f *finding) overTime(c channel) (next harness.Round, settled bool) {
	if !f.patient(1) {
		return f.suspect(harness.Rest), false
	}
	quiet, all := unloaded(f.evidence.Checkpoints), read(c.kind, f.evidence.Checkpoints)
	late := grows(c, lastThird(quiet), f.perSecond(c)/4, overSeconds)
	flooded := splice(f.evidence.Checkpoints, harness.Flood)
	switch found := f.boundOfGrowing(flooded); {
	case c.cameDown(all, all[0].Y) && !f.stay(f.channels):
		f.verdict.Driver = harness.PerTime
		f.acquit(harness.Delayed, delayedReason(f.fresh))
		return "", true
	case len(quiet) < quietCheckpoints:
		return f.suspect(harness.Rest), false
	case late && c.climbsOverTime(quiet, f.perSecond(c)/4):
		f.verdict.Driver = harness.PerTime
		f.accuse(f.growing, []harness.Reason{timeReason(c, timeRate(c, quiet))})
		return "", true
	case !f.patient(maxPatience) && (late || !shows(c, lastThird(quiet), f.perSecond(c)/2, overSeconds)):
		return f.suspect(harness.Rest), false
	case found == bounded && !late:
		f.verdict.Driver = harness.PerTime
		f.acquit(harness.Plateau, stoppedReason(f.fresh))
		return "", true
	case found == undecided && !floodDone(flooded):
		return f.suspect(harness.Flood), false
	}
	return "", false
}

// unloaded is the checkpoints of rounds without load, as if nothing else had been
// done.
func unloaded(checkpoints []harness.Checkpoint) []harness.Checkpoint {
	quiet := slices.Clone(checkpoints)
	for i := range quiet {
		if quiet[i].Round == harness.Idle {
			quiet[i].Round = harness.Rest
		}
	}
	return splice(quiet, harness.Rest)
}

// lastThird is the last part of a series by time.
func lastThird(series []harness.Checkpoint) []harness.Checkpoint {
	first, last := series[0].AtSeconds, series[len(series)-1].AtSeconds
	i := slices.IndexFunc(series, func(c harness.Checkpoint) bool { return c.AtSeconds >= last-(last-first)*tailFraction })
	return series[max(0, min(i, len(series)-2)):]
}

// climbsOverTime tells whether a channel grows without load for certain, at the error
// rate of the other tests, by more than a rate a second, and had not fallen before by
// as much as half of what it grew last: what swings may fall again.
func (c channel) climbsOverTime(quiet []harness.Checkpoint, rate float64) bool {
	points := readOver(overSeconds, c.kind, quiet)
	late := read(c.kind, lastThird(quiet))
	if len(late) == 0 {
		return false
	}
	rise := late[len(late)-1].Y - late[0].Y
	for i, p := range points[1:] {
		if points[i].Y-p.Y > max(rise/2, c.slack+runtimeDrop[c.kind]) {
			return false
		}
	}
	line, ok := trend.TheilSen(points, confidence(len(points)-quietCheckpoints+1))
	return ok && line.Low > rate
}
