package judge

import (
	"math"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// How many rounds the experiments take. Each goes on until it would have shown
// the growth of the fresh rounds twice over the slack of its channel, so that
// seeing nothing means something, but no longer than the larger number.
const (
	// Per-request leaks replay at 0.8 to 1.2 of their fresh growth in objects and
	// goroutines, per-key leaks at 0 to 0.1 (35 programs, 2026-11).
	minReplayRounds, maxReplayRounds = 6, 24
	minIdleRounds, maxIdleRounds     = 1, 6
	// clearReplayRounds are enough where they grow already; and fewer, of which each
	// is a collection, where nothing is made to collect.
	clearReplayRounds, clearReplayCollections = 3, 2
)

// experiment decides what growth that is certain means, by changing one thing at
// a time: the same requests again; no load; as many new keys as the target takes.
func (f *finding) experiment() harness.Round {
	e := f.evidence
	switch {
	case e.Death != nil:
		if again := f.repeats(); len(again) > 0 || endedByMemory(e) {
			f.accuse(f.growing, again)
		} else if keys, ok := f.floodedWithoutBound(); ok {
			f.accuse(f.growing, []harness.Reason{unboundReason(keys, "")})
		} else { // what else it grew by may have been a cache that fills
			f.leaveOpen(append(suspectReasons(f.fresh, f.growing), deathReason(e))...)
		}
		return ""
	case e.NoReplay:
		return f.withoutReplay()
	}
	lead := f.lead()
	replay, idle := splice(e.Checkpoints, harness.Replay), splice(e.Checkpoints, harness.Idle)
	least, most := minReplayRounds, maxReplayRounds
	switch again := grows(lead, replay, lead.limit, overRequests); {
	case again && lead.continuous: // each more would take several segments
		least, most = clearReplayCollections, clearReplayCollections
	case again, lead.continuous:
		least = clearReplayRounds
	}
	if lasts(lead, replay, least, most, lead.estimate()-lead.limit, overRequests) {
		return f.suspect(harness.Replay)
	}
	if next, settled := f.refill(); next != "" || settled {
		return next
	}
	waited := splice(f.made.Checkpoints, harness.Idle) // in which a target may not collect at all
	if lasts(lead, waited, minIdleRounds, maxIdleRounds, f.perSecond(lead)/2, overSeconds) {
		return f.suspect(harness.Idle)
	}
	for _, c := range f.growing {
		if half := f.perSecond(c) / 2; grows(c, idle, half, overSeconds) || grows(c, unloaded(e.Checkpoints), half, overSeconds) {
			if next, settled := f.overTime(c); next != "" || settled {
				return next
			}
		}
	}
	if again := f.repeats(); len(again) > 0 {
		f.accuse(f.growing, again)
		return f.confirm()
	}
	if !f.patient(1) && rounds(e.Checkpoints, harness.Flood) == 0 {
		return f.suspect(harness.Rest)
	}
	return f.flood(lead)
}

// repeats says that the same requests, sent again, grow as well, which is what
// growth for each request does. Empty where they do not.
func (f *finding) repeats() []harness.Reason {
	replay := splice(f.evidence.Checkpoints, harness.Replay)
	again := f.growingAgain(replay)
	if len(again) == 0 || len(replay)-1 < again[0].clearReplay() {
		return nil
	}
	f.verdict.Driver = harness.PerRequest
	return []harness.Reason{replayReason(again[0], replay)}
}

// requestPatience is the part of the scenario's patience that growth for each
// request is watched for. What a request holds for a while, a timer or a context,
// it mostly holds for 10 s at most; it is caches by key that hold for 15.
const requestPatience = 0.7

// maxPatience is how many times the patience a target is watched at most for what would
// only stand out later.
const maxPatience = 2

// patient tells whether a target was watched for a part of the scenario's
// patience: as long as what it holds for a while may take to go. New keys that come
// after the experiments have begun, for other variants' sake, stop the clock.
func (f *finding) patient(part float64) bool {
	checkpoints := f.made.Checkpoints
	watched, tried := 0.0, false
	for i, c := range checkpoints[1:] {
		tried = tried || c.Round == harness.Replay || f.evidence.NoReplay && c.Round == harness.Rest
		if !tried || c.Round.OrDefault() != harness.Fresh {
			watched += c.AtSeconds - checkpoints[i].AtSeconds
		}
	}
	return watched >= part*f.evidence.Load.Patience.Seconds()
}

// confirm goes on with a target that leaks for each request, after that was said:
// it may hold what it gets for a while, or the last so many of them. What falls in
// a rest is found before this; a flood shows the bound of a ring.
func (f *finding) confirm() harness.Round {
	if f.evidence.Floor.Continuous {
		if next := f.letGo(); next != "" {
			return next
		}
	}
	if !f.patient(requestPatience) {
		return harness.Rest
	}
	flooded := splice(f.evidence.Checkpoints, harness.Flood)
	before := f.sentBefore(harness.Flood)
	switch found := f.boundOfGrowing(flooded); {
	case f.filling():
		return harness.Flood
	case found == bounded && !f.rested() && !f.evidence.Floor.Continuous: // which may not collect while it rests
		return harness.Rest
	case found == bounded && !slices.ContainsFunc(f.growing, f.keeps):
		f.verdict.Driver = harness.PerRequest
		f.acquit(harness.Plateau, ringReason(before+float64(flooded[len(flooded)-1].Requests-flooded[0].Requests)))
	case floodDone(flooded):
	case found != unbounded, !confirmed(flooded, before):
		return harness.Flood
	}
	return ""
}

// A ring that is larger than this many times the requests before the flood, or than
// what a target answers in this time, reads as a leak.
const (
	confirmingFactor  = 10
	confirmingSeconds = 2.5
)

// confirmed tells whether a flood after a number of requests was long enough for
// growth that it did not end.
func confirmed(flooded []harness.Checkpoint, before float64) bool {
	first, last := flooded[0], flooded[len(flooded)-1]
	return before+float64(last.Requests-first.Requests) >= confirmingFactor*before || last.AtSeconds-first.AtSeconds >= confirmingSeconds
}

// sentBefore is the number of requests, repeats included, before the first round
// of a kind.
func (f *finding) sentBefore(kind harness.Round) float64 {
	checkpoints := f.evidence.Checkpoints
	sent := checkpoints[len(checkpoints)-1].Requests
	for i, c := range checkpoints[1:] {
		if c.Round.OrDefault() == kind {
			sent = checkpoints[i].Requests
			break
		}
	}
	return float64(sent + f.evidence.WarmUpRequests)
}

// lead is the channel that decides where several grow: goroutines hold the
// rest, and objects do not move in the steps in which bytes do.
func (f *finding) lead() channel {
	for _, k := range []kind{goroutines, liveObjects} {
		for _, c := range f.growing {
			if c.kind == k {
				return c
			}
		}
	}
	return f.growing[0]
}

// suspect leaves the verdict open and asks for a round of an experiment.
func (f *finding) suspect(next harness.Round) harness.Round {
	f.leaveOpen(suspectReasons(f.fresh, f.growing)...)
	return next
}

// withoutReplay decides where no request may be sent again: growth past twice
// the declared number of keys is no cache that fills, and what does not fall in a rest
// is none that is released late.
func (f *finding) withoutReplay() harness.Round {
	e := f.evidence
	sent := f.requests() + e.WarmUpRequests
	switch bound := e.Budget.Keys; {
	case bound == 0:
		f.leaveOpen(undeclaredReason(e, f.growing))
	case sent < 2*bound:
		f.leaveOpen(keysReason(f.growing, sent, bound))
	case e.Axis == "" && !f.patient(1): // resting repeats nothing
		f.leaveOpen(suspectReasons(f.fresh, f.growing)...)
		return harness.Rest
	case f.fellBack(e.Checkpoints, f.growing) && f.stay(f.channels):
		f.leaveOpen(suspectReasons(f.fresh, f.growing)...)
	case f.fellBack(e.Checkpoints, f.growing):
		f.acquit(harness.Delayed, delayedReason(f.fresh))
		return ""
	default:
		f.accuse(f.growing, []harness.Reason{pastKeysReason(sent, bound)})
		return ""
	}
	return harness.Fresh
}

// requests is the number of fresh requests since the first checkpoint.
func (f *finding) requests() int {
	return f.fresh.Checkpoints[len(f.fresh.Checkpoints)-1].Requests
}

// unit is what the length of an experiment is counted in.
type unit func(harness.Checkpoint) float64

func overRequests(c harness.Checkpoint) float64 { return float64(c.Requests) }
func overSeconds(c harness.Checkpoint) float64  { return c.AtSeconds }

// lasts tells whether an experiment has to go on: it has too few rounds, or
// growth at the rate would not stand out in it yet.
func lasts(lead channel, series []harness.Checkpoint, least, most int, rate float64, over unit) bool {
	rounds := len(series) - 1
	return rounds < least || rounds < most && !shows(lead, series, rate, over)
}

// shows tells whether growth at a rate would stand out in an experiment.
func shows(lead channel, series []harness.Checkpoint, rate float64, over unit) bool {
	return rate*(over(series[len(series)-1])-over(series[0])) >= 2*lead.slack
}

// replayTells tells whether a replay that did not grow means anything: growth as
// in the fresh rounds would stand out in it, and would have come in it at least
// twice, where it comes in steps.
func (f *finding) replayTells(lead channel) bool {
	replay := splice(f.evidence.Checkpoints, harness.Replay)
	replayed := replay[len(replay)-1].Requests - replay[0].Requests
	return shows(lead, replay, lead.estimate()-lead.limit, overRequests) && replayed*lead.steps >= 2*f.requests()
}

// clearReplay is the number of replay rounds that are enough where they grow.
func (c channel) clearReplay() int {
	if c.continuous {
		return clearReplayCollections
	}
	return clearReplayRounds
}

// linedRounds are enough for a line where single readings are too noisy, and
// linedBound is the normal quantile of its lower bound, 1 in 1 000.
const (
	linedRounds = 10
	linedBound  = 3.09
)

// grows tells whether a channel grew in an experiment by more than a rate and
// its slack; or, of a target that was never stopped, whose slack is large, by more
// than the rate for certain.
func grows(c channel, series []harness.Checkpoint, rate float64, over unit) bool {
	first, last := series[0], series[len(series)-1]
	from, okFrom := c.kind.of(first)
	to, okTo := c.kind.of(last)
	rate = math.Max(rate, 0)
	if okFrom && okTo && to-from > rate*(over(last)-over(first))+c.slack {
		return true
	}
	if !c.continuous || len(series) <= linedRounds {
		return false
	}
	line, ok := trend.TheilSen(readOver(over, c.kind, series), linedBound)
	return ok && line.Low > rate
}

// growingAgain is the growing channels that grow by the same requests again.
func (f *finding) growingAgain(replay []harness.Checkpoint) []channel {
	var again []channel
	for _, c := range f.growing {
		if grows(c, replay, c.limit, overRequests) {
			again = append(again, c)
		}
	}
	return again
}

// perSecond is a channel's growth a second under the load of the fresh rounds.
func (f *finding) perSecond(c channel) float64 {
	first, last := f.fresh.Checkpoints[0], f.fresh.Checkpoints[len(f.fresh.Checkpoints)-1]
	if last.AtSeconds <= first.AtSeconds {
		return 0
	}
	return c.estimate() * float64(last.Requests-first.Requests) / (last.AtSeconds - first.AtSeconds)
}

// fellBack tells whether at least half of what new keys had added came down
// while none came: then it was only released late. Every one of the channels must
// have fallen.
func (f *finding) fellBack(checkpoints []harness.Checkpoint, channels []channel) bool {
	for _, c := range channels {
		var added, fell, top, deepest float64
		for i, p := range checkpoints[1:] {
			now, ok := c.kind.of(p)
			before, okBefore := c.kind.of(checkpoints[i])
			switch kind := p.Round.OrDefault(); {
			case !ok || !okBefore:
			case kind == harness.Sampling:
			case kind == harness.Fresh:
				added += now - before
			case kind == harness.Flood:
				added += max(0, now-before) // what falls in it is no release for want of keys
			case isRepeat(kind): // what it adds is growth for each request, and noise is no fall
				if checkpoints[i].Round.OrDefault() != kind {
					top, deepest = before, 0
				}
				top = max(top, now)
				fell += max(0, top-now-deepest)
				deepest = max(deepest, top-now)
			default:
				fell += before - now
			}
		}
		if fell < added/2 || fell <= c.slack+runtimeDrop[c.kind] {
			return false
		}
	}
	return true
}

// runtimeDrop is what the runtime lets go once, when a processor's cache of waiting
// goroutines overflows: exactly 7 168 B in 64 objects, in 6 of 100 runs of clean
// servers (Go 1.26, releaseSudog, 2026-11).
var runtimeDrop = [...]float64{liveBytes: 7168, liveObjects: 64, goroutines: 0, offHeap: 0}

// fallSeconds is how long nothing must have fallen for falls to be over: what is
// held for a while is often swept every few seconds only.
const fallSeconds = 6

// falling tells whether one of the channels came down in the last while.
func (f *finding) falling(channels []channel) bool {
	checkpoints := f.evidence.Checkpoints
	end := checkpoints[len(checkpoints)-1].AtSeconds
	for _, c := range channels {
		for i, p := range checkpoints[1:] {
			before, ok := c.kind.of(checkpoints[i])
			now, okNow := c.kind.of(p)
			if ok && okNow && before-now > c.slack && end-p.AtSeconds < fallSeconds {
				return true
			}
		}
	}
	return false
}

// stay tells whether objects or goroutines stay, of all requests so far, that are
// more than the limit allows. Bytes may: a map keeps its buckets.
func (f *finding) stay(channels []channel) bool {
	for _, c := range channels {
		points := read(c.kind, f.evidence.Checkpoints)
		if c.kind == liveBytes || c.kind == offHeap || len(points) == 0 {
			continue
		}
		first, last := points[0], points[len(points)-1]
		if last.Y-first.Y > c.limit*(last.X-first.X)+c.slack {
			return true
		}
	}
	return false
}

// read is one channel's readings over requests.
func read(k kind, checkpoints []harness.Checkpoint) []trend.Point {
	return readOver(overRequests, k, checkpoints)
}

func readOver(over unit, k kind, checkpoints []harness.Checkpoint) []trend.Point {
	points := make([]trend.Point, 0, len(checkpoints))
	for _, c := range checkpoints {
		if y, ok := k.of(c); ok {
			points = append(points, trend.Point{X: over(c), Y: y})
		}
	}
	return points
}
