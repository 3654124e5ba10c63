// Package judge decides what the checkpoints of a variant mean: whether memory
// leaks, how it grows, what that growth is paid per, and how sure that is; and
// what to try next while it is not sure. It is pure, knows no scenario and no
// clock, and gives the same verdict for the same checkpoints whenever it is
// asked. It refuses to guess: what the evidence does not settle is inconclusive.
// It stands between the fit and the blame in the flow.
package judge

import (
	"github.com/leaklab/leaklab/harness"
)

// Evidence is all that a verdict rests on.
type Evidence struct {
	// Checkpoints in the order they were taken, without the discarded one.
	Checkpoints []harness.Checkpoint
	// WarmUpRequests were sent before the first of them.
	WarmUpRequests int
	// RequestsPerSecond is the rate that was asked for, for budgets in time.
	RequestsPerSecond float64
	// HeldPerSecond is the rate at which requests were really sent; 0: not known.
	HeldPerSecond float64
	// Requests and Errors count what was sent in the counted segments.
	Requests, Errors int
	// FirstError describes the first of the errors.
	FirstError string
	Budget     harness.Budget
	// Warn is the budget whose excess is a warning.
	Warn harness.Budget
	// Load is the scenario's: the number and the lengths of its segments.
	Load  harness.Load
	Floor Floor
	// Control is the checkpoints of a variant of the same run that is known to be
	// clean: what it drifts by is noise.
	Control []harness.Checkpoint
	// NoReplay says that requests must not be sent again, nor faster than asked:
	// then nothing tells growth for each request from growth for each key.
	NoReplay bool
	// Axis is what requests stand for where the load came from elsewhere; empty:
	// requests.
	Axis string
	// Last says that no more checkpoints will come, so that what is not settled
	// is inconclusive rather than undecided.
	Last bool
	// Death is set where the target ended before the lab ended it.
	Death *harness.Death
}

// settleFactor is how many times the least segments an acquittal needs, and an
// accusation that no experiment supports: a leak may start late, and a cache
// that fills has a leak's line until it is full. With the default of 8 segments
// that is 24: 960 requests, 10 s at the incident's rate.
const settleFactor = 3

// Judge gives the verdict as far as the evidence goes, and the round that would
// tell more: empty where the verdict is settled. With Last nothing more will
// come, and what is not settled is inconclusive.
func Judge(e Evidence) (harness.Verdict, harness.Round) {
	if e.Floor == (Floor{}) {
		e.Floor = ProbeFloor
	}
	made := e
	if e.Floor.Continuous {
		e.Checkpoints = unstale(e.Checkpoints)
	}
	e.Floor = e.Floor.offHeap(e.Checkpoints).raised(e)
	fresh := e
	fresh.Checkpoints = splice(e.Checkpoints, harness.Fresh)
	channels := measure(fresh)
	if e.Floor.Continuous {
		e.Checkpoints = undipped(e.Checkpoints)
	}
	f := finding{
		evidence: e,
		made:     made,
		fresh:    fresh,
		channels: channels,
		growing:  growingChannels(fresh, channels),
		over:     append(memoryReasons(e), overBudget(e)...),
		segments: segments(e, harness.Fresh),
	}
	f.verdict = describe(fresh, channels)
	if n := len(e.Checkpoints); n > 0 {
		last := e.Checkpoints[n-1]
		if readsHeap(e) {
			f.verdict.GrowthBytes = new(lastGrowth(e))
		}
		f.verdict.SecondsToVerdict, f.verdict.RequestsToVerdict = last.AtSeconds, last.Requests
	}
	f.verdict.Parts = f.parts()
	next := f.decide()
	f.verdict.Driver = f.largest()
	f.verdict.Reasons = sortReasons(f.verdict.Reasons)
	inUnitsOf(e.Axis, f.verdict.Reasons)
	f.verdict.Warnings = append(f.verdict.Warnings, f.nearBudget()...)
	if e.Last {
		next = ""
	}
	return f.verdict, next
}

// finding is a verdict in the making.
type finding struct {
	evidence Evidence
	// made is the evidence with the readings that say nothing new: what was done.
	made Evidence
	// fresh is the evidence of fresh rounds alone, channels what they say, and
	// growing those of them that grow for certain.
	fresh    Evidence
	channels []channel
	growing  []channel
	over     []harness.Reason
	segments float64 // fresh ones, in those of full length
	verdict  harness.Verdict
}

// decide completes the verdict and names the round that would tell more. What is
// over a budget fails whatever grows, but growth is decided all the same: a
// budget must not hide a leak.
func (f *finding) decide() harness.Round {
	next := f.decideGrowth()
	if len(f.over) == 0 || next != "" && !f.evidence.Last && f.evidence.Death == nil {
		return next
	}
	if f.verdict.Outcome != harness.Fail {
		f.verdict.Outcome, f.verdict.Reasons = harness.Fail, nil
	}
	f.verdict.Reasons = append(f.verdict.Reasons, f.over...)
	return ""
}

// decideGrowth decides what grows, whatever else is over a budget.
func (f *finding) decideGrowth() harness.Round {
	e := f.evidence
	switch {
	case mostlyFailed(e):
		f.leaveOpen(nothingReason(e))
		if e.Death != nil || rounds(e.Checkpoints, harness.Fresh) >= settleFactor*e.Load.Segments.Min {
			return "" // no more of it would be more
		}
		return harness.Fresh
	case len(f.growing) > 0:
		return f.beside(f.experiment())
	case endedByMemory(e) && filledByHeap(e):
		f.verdict.Outcome, f.verdict.Class = harness.Fail, harness.Leak
		f.verdict.Reasons = []harness.Reason{filledReason(e)}
		return ""
	case e.Death != nil:
		f.leaveOpen(deathReason(e))
		return ""
	case len(e.Checkpoints) < 2: // too few for anything
	case f.segments >= float64(settleFactor*e.Load.Segments.Min), f.segments > f.least() && f.used():
		if unsettled := unsettledChannels(f.channels); len(unsettled) > 0 {
			return f.beside(f.settle(unsettled))
		}
		if next, settled := f.reconnect(); next != "" || settled {
			return next
		}
		f.acquit(acquittedClass(f.channels), cleanReason(f.fresh, f.channels))
		return ""
	}
	f.leaveOpen(fewReason(e, f.segments))
	return harness.Fresh
}

// least is what there must be more segments than for them to tell anything, once the
// scenario's are used up: a target that is not made to collect may not have collected
// in most of them.
func (f *finding) least() float64 {
	if f.evidence.Floor.Continuous {
		return float64(f.evidence.Load.Segments.Min)
	}
	return 0
}

// accuse makes the verdict a fail.
func (f *finding) accuse(growing []channel, why []harness.Reason) {
	f.verdict.Outcome, f.verdict.Class = harness.Fail, accusedClass(growing, f.channels)
	f.verdict.Reasons = append(growthReasons(f.fresh, growing), why...)
}

// acquit makes the verdict a pass.
func (f *finding) acquit(class harness.Class, why harness.Reason) {
	f.verdict.Outcome, f.verdict.Class = harness.Pass, class
	f.verdict.Reasons = []harness.Reason{why}
}

// leaveOpen makes the verdict inconclusive.
func (f *finding) leaveOpen(why ...harness.Reason) {
	f.verdict.Outcome, f.verdict.Class = harness.Inconclusive, harness.Unsettled
	f.verdict.Reasons = why
}

// mostlyFailed tells whether more than half of the requests failed: then nothing
// was measured that speaks for the target.
func mostlyFailed(e Evidence) bool {
	return e.Requests > 0 && 2*e.Errors > e.Requests
}

// growingChannels is the channels that grow now and grew at the checkpoint
// before: an accusation is confirmed by one more round before it is said. Where the
// target is not made to collect, leaps stand for readings that there are too few of.
func growingChannels(fresh Evidence, now []channel) []channel {
	enough := len(fresh.Checkpoints)-1 > fresh.Load.Segments.Min
	if len(fresh.Checkpoints) < 2 || !enough && !fresh.Floor.Continuous {
		return nil
	}
	before := fresh
	before.Checkpoints = fresh.Checkpoints[:len(fresh.Checkpoints)-1]
	earlier := measure(before)
	var growing []channel
	for i, c := range now {
		if c.shape == shapeGrowing && earlier[i].shape == shapeGrowing && (enough || c.leaps()) {
			growing = append(growing, c)
		}
	}
	return growing
}

func unsettledChannels(channels []channel) []channel {
	var unsettled []channel
	for _, c := range channels {
		if c.shape == shapeGrowing || c.shape == shapeUnsettled {
			unsettled = append(unsettled, c)
		}
	}
	return unsettled
}

// accusedClass is goroutine where goroutines grow, for they hold the rest;
// footprint where nothing but off-heap memory grows, else leak. A variant that
// is only over a budget that bounds no growth keeps the shape it has.
func accusedClass(growing, all []channel) harness.Class {
	class := harness.Class("")
	for _, c := range growing {
		switch c.kind {
		case goroutines:
			return harness.Goroutine
		case offHeap:
			if class == "" {
				class = harness.Footprint
			}
		default:
			class = harness.Leak
		}
	}
	if class == "" {
		return acquittedClass(all)
	}
	return class
}

// acquittedClass is the most notable shape of all channels. Bytes that grew to a
// bound while the number of objects stood still are the capacity of a map or
// slice.
func acquittedClass(channels []channel) harness.Class {
	class := harness.Steady
	for _, c := range channels {
		switch {
		case c.shape == shapeGrowing || c.shape == shapeUnsettled:
			return harness.Unsettled
		case c.shape == shapeBent && c.steps > 1 && c.kind == liveBytes && channels[liveObjects].shape == shapeSteady:
			class = harness.Capacity
		case c.shape == shapeBent && c.steps > 1:
			class = harness.Plateau
		case c.shape == shapeBent && class == harness.Steady:
			class = harness.Step
		case c.shape == shapeSawtooth && class == harness.Steady:
			class = harness.Sawtooth
		}
	}
	return class
}
