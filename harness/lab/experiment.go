package lab

import (
	"time"

	"github.com/leaklab/leaklab/harness"
)

const (
	// defaultPause is an idle round's length where the rate gives none.
	defaultPause = 500 * time.Millisecond
	// restPause lets go what a flood had piled up: most of it is gone in 2 s.
	restPause = 2 * time.Second
	// floodGrowth is by how much of all keys so far a flood round adds to them, so
	// that growth in steps, of a container that doubles, is seen to stop and to go
	// on: two to three rounds between two doublings. No round takes much longer than
	// floodTime at the rate of the one before, or, of what is slow, at the pace so far,
	// nor more requests than maxFlood.
	floodGrowth = 0.35
	floodTime   = 900 * time.Millisecond
	maxFlood    = 200_000
	// shortReconnects is the number of reconnect rounds of a segment, longReconnect
	// the length of the others, in segments.
	shortReconnects = 6
	longReconnect   = 4
)

// nextSteps is what every subject does before the next barrier, as the judge
// asks: nothing more when it is empty.
//
// As long as one verdict needs segments at the scenario's rate, all subjects get
// them, so that their latencies and CPU times compare; what is suspected of a
// leak gets the requests before those again, or none. Floods take the machine's
// processors and come after that.
func (r *run) nextSteps() map[*subject]step {
	steps := map[*subject]step{}
	for _, s := range r.subjects {
		if !s.ended() && r.paced(s.wants) {
			return r.pacedSteps()
		}
	}
	// What rests can do so while others are loaded, and is read with them: a barrier
	// lasts as long as the longest of its steps.
	for _, round := range []harness.Round{harness.Reconnect, harness.Flood, harness.Rest} {
		for _, s := range r.subjects {
			if !s.ended() && !r.said(s) && s.wants == round && r.timeFor(s, round) {
				steps[s] = r.unpacedStep(s)
			}
		}
		if len(steps) > 0 {
			break
		}
	}
	for _, s := range r.subjects {
		if _, busy := steps[s]; !busy && len(steps) > 0 && !s.ended() && !r.said(s) && s.wants == harness.Rest {
			steps[s] = r.besideStep(s)
		}
	}
	return steps
}

// besideStep is the rest of a subject beside others that are loaded: as long as theirs
// take, but right after a flood of its own no shorter than that takes to go.
func (r *run) besideStep(s *subject) step {
	if s.round == harness.Flood {
		return step{round: harness.Rest, pause: restPause}
	}
	return step{round: harness.Rest}
}

// unpacedStep is the step of a round that is not at the scenario's rate.
func (r *run) unpacedStep(s *subject) step {
	switch {
	case s.wants == harness.Reconnect:
		return r.reconnectStep(s)
	case s.wants == harness.Flood:
		return r.floodStep(s)
	case s.verdict.Outcome == harness.Fail: // watched, and for as short as may be
		return step{round: harness.Rest, pause: restPause / 2}
	}
	return step{round: harness.Rest, pause: restPause}
}

// said tells whether a subject's verdict is one to be left at, although it could be
// confirmed: where the plan wants no more, and where the memory that a flood takes
// would end it.
func (r *run) said(s *subject) bool {
	return s.verdict.Outcome == harness.Fail && (r.plan.FirstVerdict || r.affordable(s) < r.plan.Scenario.Load.Segment)
}

// affordable is how many requests a leaking subject may get before it fills a part
// of what is left below its ceiling; with GOGC=100 garbage takes as much again.
func (r *run) affordable(s *subject) int {
	slope := s.verdict.SlopeBytesPerRequest
	if slope == nil || *slope <= 0 || s.base == nil {
		return maxFlood
	}
	const part = 4
	return int(float64(r.room(s, *s.base)) / (part * *slope))
}

// paced tells whether a round is one at the scenario's rate that may still be
// made.
func (r *run) paced(round harness.Round) bool {
	switch round {
	case harness.Fresh:
		return r.progressed() < float64(r.plan.Scenario.Load.Segments.Max)
	case harness.Replay, harness.Idle:
		return true
	}
	return false
}

func (r *run) pacedSteps() map[*subject]step {
	load := r.plan.Scenario.Load
	load.Segment = load.SegmentAt(r.segments)
	fresh := step{round: harness.Fresh, first: r.next, count: load.Segment, rate: load.Rate}
	steps := r.everyone(fresh)
	for _, s := range r.subjects {
		switch s.wants {
		case harness.Replay:
			if s.replayed == 0 {
				s.replayed = load.Segment
			}
			steps[s] = step{round: harness.Replay, first: r.repeated(s), count: s.replayed, rate: load.Rate}
		case harness.Idle:
			steps[s] = step{round: harness.Idle, pause: segmentTime(load)}
		}
	}
	r.next += load.Segment
	r.segments++
	return steps
}

// progressed is how many segments of full length those so far come to.
func (r *run) progressed() float64 {
	load := r.plan.Scenario.Load
	requests := 0
	for k := range r.segments {
		requests += load.SegmentAt(k)
	}
	return float64(requests) / float64(load.Segment)
}

// repeated is the first request of those that a subject gets again: always the
// same ones.
func (r *run) repeated(s *subject) int {
	if s.replayFrom == 0 {
		s.replayFrom = r.next - r.plan.Scenario.Load.Segment
	}
	return s.replayFrom
}

// reconnectStep sends requests again as fast as the target takes them, each over
// a new connection.
//
// The first rounds are as long as a segment; where they show growth, the others are
// longer: a table of peers may be larger than that.
func (r *run) reconnectStep(s *subject) step {
	st := step{round: harness.Reconnect, first: r.repeated(s), count: r.plan.Scenario.Load.Segment, rate: harness.MaxRate, reconnect: true}
	if s.reconnects++; s.reconnects > shortReconnects {
		st.count = min(longReconnect*st.count, maxNewConnections, r.next)
		st.first = r.next - st.count
	}
	return st
}

// segmentTime is how long a segment takes at the scenario's rate.
func segmentTime(load harness.Load) time.Duration {
	if load.Rate.IsMax() {
		return defaultPause
	}
	return time.Duration(float64(load.Segment) / float64(load.Rate) * float64(time.Second))
}

// floodStep sends new keys as fast as the target takes them.
func (r *run) floodStep(s *subject) step {
	keys := max(r.next, s.flooded)
	return r.newKeys(s, harness.Flood, int(floodGrowth*float64(keys)))
}

// newKeys sends up to a number of keys that were never sent before.
func (r *run) newKeys(s *subject, round harness.Round, count int) step {
	most := maxFlood
	if s.flooded == 0 {
		s.flooded = r.next
	} else if rate := s.last.RatePerSecond(); rate > 0 {
		most = int(rate * floodTime.Seconds())
	}
	if pace := r.paceOf(s); pace > 0 {
		most = min(most, int(pace*min(floodTime, r.left()).Seconds()))
	}
	first := s.flooded
	count = max(r.plan.Scenario.Load.Segment, min(count, most, maxFlood, r.affordable(s)))
	s.flooded += count
	return step{round: round, first: first, count: count, rate: harness.MaxRate}
}
