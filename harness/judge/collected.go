package judge

import "github.com/leaklab/leaklab/harness"

// collectedReadings is how many collections after a rest show what it let go: one
// alone may be low by chance.
const collectedReadings = 2

// letGo is the round that shows, of a target that is not made to collect, what it
// held for a while: a rest as long as growth for each request is watched for, without
// load in between, and then the same requests again, until it has collected by itself.
// Empty once that is done.
func (f *finding) letGo() harness.Round {
	need := requestPatience * f.evidence.Load.Patience.Seconds()
	checkpoints := f.made.Checkpoints
	rested, readings := 0.0, 0
	for i, c := range checkpoints[1:] {
		before := checkpoints[i]
		switch {
		case waits(c) && rested < need:
			rested += c.AtSeconds - before.AtSeconds
		case rested < need:
			rested = 0
		case c.GCCycles > before.GCCycles:
			readings++
		}
	}
	switch {
	case rested < need:
		return harness.Rest
	case readings < collectedReadings:
		return harness.Replay
	}
	return ""
}
