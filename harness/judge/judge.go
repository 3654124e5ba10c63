// Package judge decides what the checkpoints of a variant mean: whether memory
// leaks, how it grows, and how sure that is. It is pure, knows no scenario and
// no clock, and gives the same verdict for the same checkpoints whenever it is
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
	// RequestsPerSecond is the rate that was held, for budgets in time.
	RequestsPerSecond float64
	// Requests and Errors count what was sent in the counted segments.
	Requests, Errors int
	Budget           harness.Budget
	Segments         harness.Segments
	Floor            Floor
	// Last says that no more checkpoints will come, so that what is not settled
	// is inconclusive rather than undecided.
	Last bool
	// Death is set where the target ended before the lab ended it.
	Death *harness.Death
}

// settleFactor is how many times the least segments a verdict on growth needs
// when nothing but the growth itself speaks: a leak may start late, and a cache
// that fills has a leak's line until it is full. With the default of 8 segments
// that is 24: 960 requests, 10 s at the incident's rate.
const settleFactor = 3

// Judge gives the verdict, and whether it is settled. An undecided verdict holds
// what is known so far and asks for more checkpoints; with Last it is
// inconclusive.
func Judge(e Evidence) (v harness.Verdict, settled bool) {
	if e.Floor == (Floor{}) {
		e.Floor = ProbeFloor
	}
	channels := measure(e)
	v = describe(e, channels)
	defer func() { v.Reasons = sortReasons(v.Reasons) }()

	over := overBudget(e, channels)
	growing := growingChannels(e, channels)
	switch rounds := len(e.Checkpoints) - 1; {
	case len(growing) > 0 && (rounds >= settleFactor*e.Segments.Min || e.Last || e.Death != nil), len(over) > 0:
		v.Outcome, v.Class = harness.Fail, accusedClass(growing, channels)
		v.Reasons = append(growthReasons(e, growing), over...)
		return v, true
	case mostlyFailed(e):
		v.Outcome, v.Class = harness.Inconclusive, harness.Unsettled
		v.Reasons = []harness.Reason{failedReason(e)}
		return v, e.Last || e.Death != nil
	case e.Death != nil && e.Death.Cause != harness.MemoryCeiling:
		v.Outcome, v.Class = harness.Inconclusive, harness.Unsettled
		v.Reasons = []harness.Reason{deathReason(e)}
		return v, true
	case rounds >= settleFactor*e.Segments.Min || e.Last && rounds >= e.Segments.Min:
		if unsettled := unsettledChannels(channels); len(unsettled) > 0 {
			v.Outcome, v.Class = harness.Inconclusive, harness.Unsettled
			v.Reasons = unsettledReasons(e, unsettled)
			return v, e.Last
		}
		v.Outcome, v.Class = harness.Pass, acquittedClass(channels)
		v.Reasons = []harness.Reason{cleanReason(e, channels)}
		return v, true
	}
	v.Outcome, v.Class = harness.Inconclusive, harness.Unsettled
	v.Reasons = []harness.Reason{fewReason(e)}
	return v, e.Last
}

// mostlyFailed tells whether more than half of the requests failed: then nothing
// was measured that speaks for the target.
func mostlyFailed(e Evidence) bool {
	return e.Requests > 0 && 2*e.Errors > e.Requests
}

// growingChannels is the channels that grow now and grew at the checkpoint
// before: an accusation is confirmed by one more round before it is said.
func growingChannels(e Evidence, now []channel) []channel {
	if len(e.Checkpoints)-1 <= e.Segments.Min {
		return nil
	}
	before := e
	before.Checkpoints = e.Checkpoints[:len(e.Checkpoints)-1]
	earlier := measure(before)
	var growing []channel
	for i, c := range now {
		if c.shape == shapeGrowing && earlier[i].shape == shapeGrowing {
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

// acquittedClass is the most notable shape of all channels.
func acquittedClass(channels []channel) harness.Class {
	class := harness.Steady
	for _, c := range channels {
		switch {
		case c.shape == shapeGrowing || c.shape == shapeUnsettled:
			return harness.Unsettled
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
