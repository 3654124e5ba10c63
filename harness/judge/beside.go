package judge

import "github.com/leaklab/leaklab/harness"

// beside looks, where what grows is found to be no leak or cannot be told, for a leak
// that it hides: one by time, one of goroutines, one that a flood goes on to fill, and
// one by the connection. The
// experiments were about the largest growth; a smaller one beside it must not pass
// with it. Over new connections, what is released late would fill again: it is not
// asked for them.
func (f *finding) beside(next harness.Round) harness.Round {
	if next != "" || f.verdict.Outcome == harness.Fail || f.evidence.Death != nil || f.evidence.NoReplay {
		return next
	}
	found := f.verdict
	if next, settled := f.goesOn(); next != "" || settled {
		return next
	}
	if next, settled := f.pileUp(); next != "" || settled {
		return next
	}
	if found.Outcome == harness.Pass && found.Class == harness.Plateau {
		if next, settled := f.fillOn(); next != "" || settled {
			return next
		}
		f.verdict = found
		if next, settled := f.reconnect(); next != "" || settled && f.verdict.Outcome == harness.Fail {
			return next
		}
	}
	f.verdict = found
	return ""
}

// goesOn decides growth without any load that is more than requests at the held
// rate may add. What was higher before swings.
func (f *finding) goesOn() (next harness.Round, settled bool) {
	first, last := f.fresh.Checkpoints[0], f.fresh.Checkpoints[len(f.fresh.Checkpoints)-1]
	if last.AtSeconds <= first.AtSeconds {
		return "", false
	}
	pace := float64(last.Requests-first.Requests) / (last.AtSeconds - first.AtSeconds)
	quiet := unloaded(f.evidence.Checkpoints)
	for _, c := range f.channels {
		limit := c.limit * pace
		all := read(c.kind, f.evidence.Checkpoints)
		if !grows(c, quiet, limit, overSeconds) || all[len(all)-1].Y < highest(all) {
			continue
		}
		late := lastThird(quiet)
		rate := timeRate(c, quiet)
		switch {
		case !f.patient(1), len(quiet) < quietCheckpoints, !f.patient(maxPatience) && !shows(c, late, rate, overSeconds):
			f.verdict.Driver = ""
			f.leaveOpen(timeReason(c, rate))
			return harness.Rest, f.evidence.Last
		case grows(c, late, max(limit, rate/2), overSeconds) && c.climbsOverTime(quiet, max(limit, rate/4)):
			f.verdict.Driver = harness.PerTime
			f.verdict.Outcome, f.verdict.Class = harness.Fail, accusedClass([]channel{c}, f.channels)
			f.verdict.Reasons = []harness.Reason{timeReason(c, rate)}
			return "", true
		}
	}
	return "", false
}

// timeRate is the growth a second over a series of rounds without load.
func timeRate(c channel, quiet []harness.Checkpoint) float64 {
	from, _ := c.kind.of(quiet[0])
	to, _ := c.kind.of(quiet[len(quiet)-1])
	return (to - from) / max(1e-3, quiet[len(quiet)-1].AtSeconds-quiet[0].AtSeconds)
}

// pileUp keeps a verdict open while more goroutines stay, of all that was sent, than
// are allowed: fresh rounds show whether they are a leak, or workers that began once.
func (f *finding) pileUp() (next harness.Round, settled bool) {
	c := f.channels[goroutines]
	still := c.shape == shapeSteady || c.shape == shapeBent
	if !f.stay([]channel{c}) || still && f.segments >= float64(settleFactor*f.evidence.Load.Segments.Min) {
		return "", false
	}
	points := read(c.kind, f.evidence.Checkpoints)
	n := points[len(points)-1].Y - points[0].Y
	f.verdict.Driver = ""
	f.leaveOpen(pileReason(c, n, points[len(points)-1].X-points[0].X))
	if f.used() || f.evidence.Last {
		return "", true
	}
	return harness.Fresh, false
}
