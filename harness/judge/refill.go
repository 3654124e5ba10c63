package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// refill decides growth that fell back while no new keys came. That alone is no
// acquittal: the first checkpoint holds some of what the requests before it left for
// a while, and its fall hides what stays. So a flood fills the target again, and it
// must come down to where it stood before. Where it does not, what stays is a leak or
// a cache that fills, as the next filling tells. Nothing is settled where nothing fell
// back.
func (f *finding) refill() (next harness.Round, settled bool) {
	fillings, before := f.fillings(), f.evidence.Checkpoints
	if len(fillings) > 0 {
		before = before[:fillings[0].from+1]
	}
	switch {
	case !f.fellBack(before, f.growing):
		return "", false
	case len(fillings) > 0:
	case f.stay(f.channels) && f.falling(f.growing) && !f.patient(maxPatience):
		return f.suspect(harness.Rest), false
	case !f.evidence.Floor.Continuous && !waits(before[len(before)-1]): // else it may not be read
		return f.suspect(harness.Rest), false
	default:
		return f.suspect(harness.Flood), false
	}
	last := fillings[len(fillings)-1]
	switch {
	case last.rounds < minFloodRounds:
		return f.suspect(harness.Flood), false
	case last.rests == 0:
		return f.suspect(harness.Rest), false
	case len(f.left(last, f.counts())) == 0 && len(fillings) > 1:
		f.acquit(harness.Plateau, boundReason(f.evidence, f.keys()))
		return "", true
	case len(f.left(last, f.counts())) == 0:
		f.acquit(harness.Delayed, delayedReason(f.fresh))
		return "", true
	case f.restedAfterFlood() < refillPatience*f.firstFall(before):
		return f.suspect(harness.Rest), false
	case len(fillings) == 1:
		return f.suspect(harness.Flood), false
	}
	if f.accuseOfFillings(fillings, f.counts()) {
		return "", true
	}
	if len(fillings) < maxFillings {
		return f.suspect(harness.Flood), false
	}
	f.leaveOpen(undecidedReason(f.left(last, f.counts())[0], f.keys()))
	return "", true
}

// accuseOfFillings makes the verdict a fail where the last of several fillings left
// about as much of some channels as the one before, of ten times the keys.
func (f *finding) accuseOfFillings(fillings []filling, of []channel) bool {
	kept := f.keptAgain(fillings[len(fillings)-2], fillings[len(fillings)-1], of)
	if len(kept) == 0 || f.keys() < confirmingFactor*f.keysBefore() {
		return false
	}
	f.verdict.Driver = ""
	f.accuse(kept, []harness.Reason{unboundReason(f.keys(), "")})
	return true
}

const (
	// refillPatience is how many times the time after which something first fell what
	// is left of a filling is waited for: it is held for no longer than that, and
	// sweepers come by some time after.
	refillPatience = 1.5
	maxFillings    = 3
	// refillShare is the part of what a filling left for each request that the next one,
	// of 3.3 times as many keys, must leave for it to be a leak: a cache is fuller then.
	refillShare = 0.75
)

// filling is a flood and the rest after it, as indices of checkpoints: the one before
// the flood and the last of the rest.
type filling struct{ from, to, rounds, rests int }

// fillings is the floods so far, each with its rest.
func (f *finding) fillings() []filling {
	var all []filling
	for i, c := range f.evidence.Checkpoints[1:] {
		n := len(all) - 1
		switch kind := c.Round.OrDefault(); {
		case kind == harness.Flood && (n < 0 || all[n].rests > 0):
			all = append(all, filling{from: i, to: i + 1, rounds: 1})
		case kind == harness.Flood:
			all[n].to, all[n].rounds = i+1, all[n].rounds+1
		case kind == harness.Rest && n >= 0:
			all[n].to, all[n].rests = i+1, all[n].rests+1
		}
	}
	return all
}

// filling tells whether another flood than the first has begun and is too short to
// tell anything.
func (f *finding) filling() bool {
	fillings := f.fillings()
	n := len(fillings)
	return n > 1 && fillings[n-1].rounds < minFloodRounds && fillings[n-1].rests == 0
}

// leftBy is what a filling left of a channel for each request.
func (f *finding) leftBy(l filling, c channel) float64 {
	from, to := f.evidence.Checkpoints[l.from], f.evidence.Checkpoints[l.to]
	before, _ := c.kind.of(from)
	after, _ := c.kind.of(to)
	return (after - before) / max(1, float64(to.Requests-from.Requests))
}

// left is those of some channels of which a filling left more than is allowed.
func (f *finding) left(l filling, of []channel) []channel {
	requests := float64(f.evidence.Checkpoints[l.to].Requests - f.evidence.Checkpoints[l.from].Requests)
	return slices.DeleteFunc(slices.Clone(of), func(c channel) bool {
		return len(c.points) == 0 || f.leftBy(l, c)*requests <= c.limit*requests+c.slack
	})
}

// keptAgain is those of some channels of which a filling left about as much for each
// request as the one before.
func (f *finding) keptAgain(earlier, last filling, of []channel) []channel {
	return slices.DeleteFunc(f.left(last, of), func(c channel) bool { return f.leftBy(last, c) < refillShare*f.leftBy(earlier, c) })
}

// counts is the channels of which nothing may stay. Bytes may: a map keeps its buckets.
func (f *finding) counts() []channel {
	return []channel{f.channels[liveObjects], f.channels[goroutines]}
}

// restedAfterFlood is how long the target has rested since the last flood, in seconds.
func (f *finding) restedAfterFlood() float64 {
	after := sinceLast(f.evidence.Checkpoints, harness.Flood)
	return after[len(after)-1].AtSeconds - after[0].AtSeconds
}

// firstFall is when something that grows first fell, in seconds since the load began.
func (f *finding) firstFall(checkpoints []harness.Checkpoint) float64 {
	for i, p := range checkpoints[1:] {
		for _, c := range f.growing {
			now, ok := c.kind.of(p)
			before, okBefore := c.kind.of(checkpoints[i])
			if ok && okBefore && before-now > c.slack+runtimeDrop[c.kind] {
				return p.AtSeconds
			}
		}
	}
	return checkpoints[len(checkpoints)-1].AtSeconds
}
