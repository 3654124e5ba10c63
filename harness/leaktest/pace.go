package leaktest

import (
	"runtime"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

const (
	// roundTime is how long the calls of a round should take, minCalls and maxCalls
	// bound their number: 20 calls in each of 15 rounds still tell one object a call
	// from the 7 that the runtime may add once.
	roundTime          = 4 * time.Millisecond
	minCalls, maxCalls = 20, 1000
	// roundBytes bounds what the calls of a round allocate, and so what they can
	// leak.
	roundBytes = 16 << 20
	// floodGrowth is by how much of all calls so far a flood adds to them, as in
	// package lab, and floodTime about how long it takes. All floods together make
	// the calls 24 times as many as before, or leak floodBytes if that is less, but
	// make them 4 times as many at least: 2.5 times show a bound, or none. After that
	// they are as long as a round.
	floodGrowth        = 0.35
	floodTime          = 50 * time.Millisecond
	minFlood, maxFlood = 4, 24
	floodBytes         = 64 << 20
	// stackBytes is the least that a goroutine takes beside the heap.
	stackBytes = 2 << 10
)

// pace is how fast a function is, and what it was seen to allocate and to leave
// behind.
type pace struct {
	callTime       time.Duration
	allocatedBytes float64 // for each call
	leakedBytes    float64 // for each call
	floodFrom      int     // calls before the first flood
	sampled        int     // calls of the last round of sampling
}

// warmUp finds out how fast the function is, chooses the number of calls of a
// round, and makes the calls that come before the first reading. Those of a
// benchmark may have been made.
func (m *measurement) warmUp() {
	m.paceOff()
	if m.config.Calls == 0 {
		m.load().Segment = m.roundCalls()
	}
	if m.config.WarmUp > 0 {
		m.call(max(0, m.load().WarmUp-m.fresh))
	}
	m.load().WarmUp = m.fresh
}

// paceOff calls the function in batches that double until one is long enough to
// be timed.
func (m *measurement) paceOff() {
	made := 0
	for count := 1; made < minCalls || made < maxCalls && m.callTime*time.Duration(count) < roundTime; count *= 2 {
		runtime.ReadMemStats(&m.before)
		before := m.before.TotalAlloc
		m.call(count)
		made += count
		runtime.ReadMemStats(&m.before)
		m.allocatedBytes = float64(m.before.TotalAlloc-before) / float64(count)
	}
}

// roundCalls is the number of calls of a round.
func (m *measurement) roundCalls() int {
	calls := int(roundTime / m.callTime)
	if m.allocatedBytes > 0 {
		calls = min(calls, int(roundBytes/m.allocatedBytes))
	}
	calls = min(max(calls, minCalls), maxCalls)
	if testing.Short() {
		return half(calls)
	}
	return calls
}

// floodCalls is the number of calls of the next flood.
func (m *measurement) floodCalls() int {
	if m.floodFrom == 0 {
		m.floodFrom = m.fresh
	}
	most := maxFlood * m.floodFrom
	if m.leakedBytes > 0 {
		most = min(most, m.floodFrom+int(floodBytes/m.leakedBytes))
	}
	if m.fresh >= max(most, minFlood*m.floodFrom) {
		return m.load().Segment
	}
	return m.bounded(min(int(floodGrowth*float64(m.fresh)), int(floodTime/m.callTime)))
}

// samplingCalls is the number of calls of the next round of sampling: ever more,
// for what grows by doubling grows ever less often.
func (m *measurement) samplingCalls() int {
	m.sampled = m.bounded(m.sampled + m.sampled/2)
	return m.sampled
}

// bounded is a number of calls, at least those of a round, as far as what they
// leave behind allows.
func (m *measurement) bounded(calls int) int {
	calls = max(calls, m.load().Segment)
	if m.leakedBytes > 0 {
		calls = min(calls, max(1, int(roundBytes/m.leakedBytes)))
	}
	return calls
}

// seen notes what a verdict says of the growth for each call.
func (m *measurement) seen(v harness.Verdict) {
	m.leakedBytes = 0
	if v.SlopeBytesPerRequest != nil {
		m.leakedBytes += max(0, *v.SlopeBytesPerRequest)
	}
	if v.GoroutinesPerRequest != nil {
		m.leakedBytes += stackBytes * max(0, *v.GoroutinesPerRequest)
	}
}
