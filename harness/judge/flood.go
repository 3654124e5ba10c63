package judge

import (
	"cmp"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

const (
	// maxFloodRounds and maxFloodSeconds bound the flood, whichever comes first;
	// with less than minFloodRounds it says nothing.
	minFloodRounds, maxFloodRounds = 4, 30
	maxFloodSeconds                = 9
	// openFloodSeconds bound it where it has shown neither a bound nor its absence: on
	// a loaded machine four floods of ten had too few keys in 9 s (int-map, 2026-11).
	openFloodSeconds = 20
	// Shares of the fresh growth a key that the last part of a flood is held
	// against. Leaks grow by 0.45 to 1.66 of it in a flood, where the target is
	// busy with more than the leak; what has bent adds next to nothing.
	boundShare   = 0.1
	unboundShare = 0.25
	// keptShare of it is more than a cache keeps of a flood that went on for
	// [bendFactor] times its keys, which is less than 1/bendFactor.
	keptShare = 0.45
	// resumptions is how often growth in steps must have stood still and gone on
	// for it to have no bound: a container that doubles, not a cache that fills.
	resumptions = 3
)

// flood decides growth for each new key by sending as many as the target takes:
// they show a bound, or none.
func (f *finding) flood(lead channel) harness.Round {
	flooded := splice(f.evidence.Checkpoints, harness.Flood)
	rounds := len(flooded) - 1
	found := f.boundOf(lead, flooded, f.keysBefore())
	if found == bounded && f.rested() && f.keeps(lead) {
		found = undecided
	}
	done := floodDone(flooded) && (found != undecided || floodSpent(flooded))
	switch {
	case rounds < minFloodRounds || f.filling() || found != bounded && !done:
		return f.suspect(harness.Flood)
	case !f.rested() && !(found == bounded && lead.continuous): // which may not collect while it rests
		return f.suspect(harness.Rest)
	case f.fellBack(f.evidence.Checkpoints, f.growing) && !f.stay(f.channels):
		f.acquit(harness.Delayed, delayedReason(f.fresh))
		return ""
	case f.fellBack(f.evidence.Checkpoints, f.growing) && f.falling(f.growing) && !f.patient(maxPatience):
		return f.suspect(harness.Rest)
	case found != bounded && !f.keptOfFlood(f.growing):
		f.acquit(harness.Delayed, delayedReason(f.fresh))
		return ""
	case f.fellBack(f.evidence.Checkpoints, f.growing):
		found = f.boundOfRest(lead)
	case found == unbounded && f.keptOf(lead) <= max(lead.limit, unboundShare*lead.estimate()):
		found = undecided // what it grew by was on its way
	}
	keys := f.keys()
	switch found {
	case bounded:
		f.verdict.Driver = harness.PerKey
		f.acquit(harness.Plateau, boundReason(f.evidence, keys))
	case unbounded:
		if f.replayTells(lead) {
			f.verdict.Driver = harness.PerKey
		}
		f.accuse(f.growing, []harness.Reason{unboundReason(keys, f.verdict.Driver)})
	default:
		f.leaveOpen(undecidedReason(lead, keys))
	}
	return ""
}

// settle decides growth that is not certain and has not stopped for certain
// either: with fresh rounds as long as there are any, then by a flood. That may show the
// bound of a pool or cache that still grew now and then, or that a container goes
// on doubling.
func (f *finding) settle(unsettled []channel) harness.Round {
	f.leaveOpen(unsettledReasons(f.fresh, unsettled)...)
	if f.evidence.NoReplay || !f.used() {
		return harness.Fresh
	}
	flooded := splice(f.evidence.Checkpoints, harness.Flood)
	keys := f.keys()
	open := slices.DeleteFunc(slices.Clone(unsettled), func(c channel) bool { return f.boundOf(c, flooded, f.keysBefore()) == bounded })
	switch {
	case f.filling(), !f.rested() && len(open) > 0 && !(floodDone(flooded) && f.doublesOn(open, flooded, keys)) && !floodSpent(flooded):
		return harness.Flood
	case !f.rested() && !(len(open) == 0 && f.evidence.Floor.Continuous):
		return harness.Rest
	case f.fellBack(f.evidence.Checkpoints, unsettled) && !f.stay(f.channels):
		f.acquit(harness.Delayed, delayedReason(f.fresh))
	case len(open) == 0:
		f.acquit(harness.Plateau, boundReason(f.evidence, keys))
	case !f.keptOfFlood(open):
		f.acquit(harness.Delayed, delayedReason(f.fresh))
	case f.falling(open) && !f.patient(maxPatience):
		return harness.Rest
	case f.doublesOn(open, flooded, keys):
		f.accuseOfFlood(f.channels[liveBytes], flooded, keys)
	case f.restedAfterFlood() < f.evidence.Load.Patience.Seconds(): // it may be held for a while
		return harness.Rest
	default:
		f.leaveOpen(undecidedReason(open[0], keys))
	}
	return ""
}

// A container of plain values that doubles grows so seldom that the segments may be
// used up before its growth is certain. Growth that a flood of so many times the
// keys before it goes on with, at half the pace of the fresh rounds or more, to its
// last part, in which a container doubles at least once, is no pool that reaches its
// peak and no map with a bound: three such leaks kept 0.8 to 2
// times their pace over 20 to 28 times the keys, a pool that was still reaching
// for its peak none of it (2026-11).
const (
	doublingKeys  = 10
	doublingShare = 0.5
)

// doublesOn tells whether of what was not settled the live heap alone goes on, as
// plain values do: more objects would have been certain long before.
func (f *finding) doublesOn(open []channel, flooded []harness.Checkpoint, keys float64) bool {
	if len(open) != 1 || open[0].kind != liveBytes || !open[0].fitted || f.channels[liveObjects].shape != shapeSteady {
		return false
	}
	c := open[0]
	points := read(c.kind, flooded)
	since := slices.IndexFunc(points, func(p trend.Point) bool { return p.X-points[0].X+f.keysBefore() >= keys/bendFactor })
	least := max(c.limit, doublingShare*trend.Rate(c.points))
	return keys >= doublingKeys*f.keysBefore() && f.boundOf(c, flooded, f.keysBefore()) == unbounded &&
		trend.Rate(points) > least && trend.Rate(points[max(0, min(since, len(points)-2)):]) > least
}

// accuseOfFlood makes the verdict a fail by what a flood added to the live heap,
// where the fresh rounds alone had too few steps for a line.
func (f *finding) accuseOfFlood(c channel, flooded []harness.Checkpoint, keys float64) {
	rate := trend.Rate(read(c.kind, flooded))
	mean := trend.Rate(read(c.kind, f.evidence.Checkpoints))
	f.verdict.Outcome, f.verdict.Class = harness.Fail, harness.Leak
	f.verdict.SlopeBytesPerRequest = &mean
	f.verdict.SlopeLow, f.verdict.SlopeHigh = new(min(*f.verdict.SlopeLow, mean)), new(max(*f.verdict.SlopeHigh, mean, rate))
	if requests := growthRequests(f.evidence); requests > 0 {
		f.verdict.ProjectedGrowthBytes = new(mean * requests)
	}
	f.verdict.Reasons = []harness.Reason{floodReason(c, rate, keys), unboundReason(keys, "")}
}

// floodedWithoutBound tells whether a flood has shown that growth has no bound, and
// after how many keys, before the target ended.
func (f *finding) floodedWithoutBound() (keys float64, ok bool) {
	flooded := splice(f.evidence.Checkpoints, harness.Flood)
	return f.keys(), f.rested() && !f.fellBack(f.evidence.Checkpoints, f.growing) && f.boundOf(f.lead(), flooded, f.keysBefore()) == unbounded
}

// used tells whether the scenario's segments are used up.
func (f *finding) used() bool {
	return segments(f.made, harness.Fresh, harness.Replay, harness.Idle) >= float64(f.evidence.Load.Segments.Max)
}

// floodDone tells whether a flood has used up its rounds or its time.
func floodDone(flooded []harness.Checkpoint) bool {
	return len(flooded)-1 >= maxFloodRounds || flooded[len(flooded)-1].AtSeconds-flooded[0].AtSeconds >= maxFloodSeconds
}

// floodSpent tells whether no more of a flood may be asked for, whatever it has shown.
func floodSpent(flooded []harness.Checkpoint) bool {
	return len(flooded)-1 >= maxFloodRounds || flooded[len(flooded)-1].AtSeconds-flooded[0].AtSeconds >= openFloodSeconds
}

// rested tells whether a flood was made and the target was read at rest after it.
func (f *finding) rested() bool {
	checkpoints := f.evidence.Checkpoints
	return rounds(checkpoints, harness.Flood) > 0 && rounds(sinceLast(checkpoints, harness.Flood), harness.Rest) > 0
}

// keysBefore is the number of new keys before the flood.
func (f *finding) keysBefore() float64 {
	return float64(f.requests() + f.evidence.WarmUpRequests)
}

// keys is the number of new keys so far, those of floods included.
func (f *finding) keys() float64 {
	flooded := splice(f.evidence.Checkpoints, harness.Flood)
	return f.keysBefore() + float64(flooded[len(flooded)-1].Requests-flooded[0].Requests)
}

// bound is what a flood says of a channel.
type bound int

const (
	undecided bound = iota
	bounded
	unbounded
)

// boundOf reads a channel's bound off a flood, which came after a number of keys or
// requests. It is bounded where the last part of the flood reaches no new height
// and the total has grown by [bendFactor] since the last growth, or where it came
// down from its height; unbounded where it still grows when the total has grown by
// that factor since the flood began, or has gone on after standing still again and
// again.
func (f *finding) boundOf(c channel, flooded []harness.Checkpoint, before float64) bound {
	points := read(c.kind, flooded)
	if len(points) <= minFloodRounds {
		return undecided
	}
	fresh := c.estimate()
	flat := max(c.limit, boundShare*fresh)
	rise := lastRise(points, boundShare*fresh, c.slack)
	sent := points[len(points)-1].X - points[0].X
	tail := newHeight(points)
	bend := before + rise - points[0].X
	steps := resumed(c.points, c.limit) + resumed(points, boundShare*fresh)
	switch {
	case c.kind != liveBytes && c.kind != offHeap && climbs(points, rise, c.limit):
	case tail <= flat && newDepth(points, rise) <= flat && before+sent >= bendFactor*bend, c.cameDown(points, c.points[0].Y):
		return bounded
	case before+sent < bendFactor*before:
		return undecided
	case min(tail, trend.Rate(points)) > max(c.limit, unboundShare*fresh) && rise == points[len(points)-1].X,
		steps >= resumptions && rise > points[0].X:
		return unbounded
	}
	return undecided
}

// boundOfGrowing is what a flood says of all that grows, with requests as with keys:
// bounded where every channel is, else what it says of the first that is not.
func (f *finding) boundOfGrowing(flooded []harness.Checkpoint) bound {
	for _, c := range f.growing {
		if found := f.boundOf(c, flooded, f.sentBefore(harness.Flood)); found != bounded {
			return found
		}
	}
	return bounded
}

// boundOfRest holds what a flood left for each key, once what is let go had gone,
// against what the load before it had left.
func (f *finding) boundOfRest(c channel) bound {
	before, after := trend.Rate(read(c.kind, f.evidence.Checkpoints[:f.beforeFlood()+1])), f.keptOf(c)
	switch {
	case after <= max(c.limit, boundShare*before):
		return bounded
	case after > unboundShare*before:
		return unbounded
	}
	return undecided
}

// keptOf is what of a channel a flood left for each key, once it had rested.
func (f *finding) keptOf(c channel) float64 {
	return trend.Rate(read(c.kind, f.evidence.Checkpoints[f.beforeFlood():]))
}

// keeps tells whether a channel kept of a flood what only a leak keeps, once it had
// rested: then it was noise that seemed to show a bound.
func (f *finding) keeps(c channel) bool {
	return f.keptOf(c) > max(c.limit, keptShare*c.estimate())
}

// keptOfFlood tells whether anything was kept of the last flood, in some channels, once
// it had rested.
func (f *finding) keptOfFlood(channels []channel) bool {
	fillings := f.fillings()
	last := fillings[len(fillings)-1]
	return last.rests == 0 || last.rounds < minFloodRounds || len(f.left(last, channels)) > 0
}

// beforeFlood is the index of the last checkpoint before the first flood.
func (f *finding) beforeFlood() int {
	return max(0, slices.IndexFunc(f.evidence.Checkpoints[1:], func(c harness.Checkpoint) bool { return c.Round == harness.Flood }))
}

// climbs tells whether a series goes on after its last notable rise, slower than
// before but by more than a rate for certain.
func climbs(points []trend.Point, bend, rate float64) bool {
	i := slices.IndexFunc(points, func(p trend.Point) bool { return p.X >= bend })
	line, ok := trend.TheilSen(points[i:], trend.Z99)
	return ok && line.Low > rate
}

// newHeight is by how much, for each unit, the last part of a series goes above all
// before it.
func newHeight(points []trend.Point) float64 {
	tail := trend.Tail(points, tailFraction)
	before := points[:len(points)-len(tail)+1]
	return (highest(tail) - highest(before)) / (tail[len(tail)-1].X - tail[0].X)
}

// newDepth is by how much, for each unit, the last part of a series stays above the
// lowest after its last rise: what a flood piles up for a while hides, at the top,
// what it leaves below.
func newDepth(points []trend.Point, rise float64) float64 {
	tail := trend.Tail(points, tailFraction)
	i := slices.IndexFunc(points, func(p trend.Point) bool { return p.X >= rise })
	before := points[i:max(i+1, len(points)-len(tail))]
	at := slices.MinFunc(before, func(p, q trend.Point) int { return cmp.Compare(p.Y, q.Y) })
	low := slices.MinFunc(tail, func(p, q trend.Point) int { return cmp.Compare(p.Y, q.Y) })
	return (low.Y - at.Y) / max(1, low.X-at.X)
}

// cameDown tells whether a series of the channel fell from its height by more than
// half of what it had grown by in all since a level, and to where it began: what
// leaks does not, even beside what is let go in between. What the runtime lets go, and
// an early ripple on what climbs, are no such fall.
func (c channel) cameDown(points []trend.Point, level float64) bool {
	top, least := points[0].Y, max(c.slack, (highest(points)-level)/2)
	for _, p := range points[1:] {
		top = max(top, p.Y)
		if top > level+least && top-p.Y > c.slack+runtimeDrop[c.kind] && p.Y < level+(top-level)/2 && p.Y <= points[0].Y+c.slack {
			return true
		}
	}
	return false
}

// lastRise is where the series last rose by more than a rate and the slack above
// where it rose before: what rises by less does so again, and is found then.
func lastRise(points []trend.Point, rate, slack float64) float64 {
	last := points[0]
	for _, p := range points[1:] {
		if p.Y-last.Y > rate*(p.X-last.X)+slack {
			last = p
		}
	}
	return last.X
}

// resumed counts how often the series rose to a new height by more than a rate, and
// kept it, after a round in which it did not.
func resumed(points []trend.Point, rate float64) int {
	count, still, top := 0, false, points[0].Y
	for i, p := range points[1:] {
		rises := p.Y-top > rate*(p.X-points[i].X)
		kept := i+2 >= len(points) || points[i+2].Y-top > rate*(p.X-points[i].X)
		if rises && kept && still {
			count++
		}
		still = !rises
		top = max(top, p.Y)
	}
	return count
}
