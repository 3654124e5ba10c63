package leaktest

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/judge"
	"github.com/leaklab/leaklab/harness/probe"
)

const (
	// idlePause is an idle round, restPause a rest after a flood: what a function
	// leaves behind is let go by timers and goroutines.
	idlePause = 50 * time.Millisecond
	restPause = time.Second
	// maxGrowth is the growth past which a function is no longer called, so that a
	// leak never takes the machine down; a quarter of its memory where that is less.
	maxGrowth = int64(harness.GiB)
	// maxCheckpoints is more than the rounds that a judge asks for: a slice that
	// grows would be growth of the heap that is measured.
	maxCheckpoints = 256
)

// measurement is a function under test in this process. What it keeps from one
// reading to the next must not grow, for it is read as well.
type measurement struct {
	ctx     context.Context
	f       func(i int)
	config  Config
	record  harness.Record // of one variant, to which the rounds add checkpoints
	self    probe.Self
	ceiling int64
	began   time.Time
	// fresh is the next new i, replayFrom the first of a replay, completed the
	// number of calls since the first reading, paced that of the rounds that were
	// no flood.
	fresh, replayFrom, completed, paced int
	pace
	before    runtime.MemStats
	snapshots []snapshot // after the verdict
}

// newMeasurement prepares the measurement of f.
func newMeasurement(ctx context.Context, f func(i int), c Config, test string) *measurement {
	m := &measurement{ctx: ctx, f: f, config: c, self: probe.NewSelf(), ceiling: maxGrowth, began: time.Now()}
	m.record = newRecord(c.scenario("func", test), m.began)
	m.result().Checkpoints = make([]harness.Checkpoint, 0, maxCheckpoints)
	if machine := gauge.MachineBytes(); machine != nil {
		m.ceiling = min(m.ceiling, *machine/4)
	}
	return m
}

// result is what is known of the function; load is how it is called.
func (m *measurement) result() *harness.Result { return &m.record.Variants[0] }
func (m *measurement) load() *harness.Load     { return &m.record.Spec.Load }

// measure calls the function, round by round, until the verdict is settled or the
// limit is over.
func (m *measurement) measure(limit time.Duration) {
	m.begin()
	for next := m.next(); next != "" && m.ctx.Err() == nil && time.Since(m.began) < limit; next = m.next() {
		m.round(next)
	}
}

// begin takes the first reading that counts. The one before it is thrown away: it
// fills caches that reading needs, and the calls between the two fill again what
// its collections emptied.
func (m *measurement) begin() {
	m.self.Prewarm()
	m.warmUp()
	if _, err := m.self.Checkpoint(m.ctx); err != nil {
		return // the test has ended
	}
	m.call(m.load().Segment)
	m.completed = 0
	m.read(harness.Fresh)
}

// round does what the judge asks for, and reads.
func (m *measurement) round(kind harness.Round) {
	runtime.ReadMemStats(&m.before)
	switch kind {
	case harness.Fresh:
		m.call(m.load().Segment)
	case harness.Replay:
		if m.replayFrom == 0 {
			m.replayFrom = m.fresh - m.load().Segment
		}
		m.again(m.replayFrom, m.load().Segment)
	case harness.Flood:
		m.call(m.floodCalls())
	case harness.Sampling:
		m.call(m.samplingCalls())
	case harness.Idle:
		m.wait(idlePause)
	case harness.Rest:
		m.wait(restPause)
	}
	if kind == harness.Fresh || kind == harness.Replay || kind == harness.Idle {
		m.paced++
	}
	m.read(kind)
}

// call calls the function with values that are new to it.
func (m *measurement) call(count int) {
	if count == 0 {
		return
	}
	began := time.Now()
	m.again(m.fresh, count)
	m.fresh += count
	m.callTime = max(time.Since(began)/time.Duration(count), 1)
}

// again calls the function with values from first on.
func (m *measurement) again(first, count int) {
	for i := range count {
		m.f(first + i)
	}
	m.completed += count
}

func (m *measurement) wait(pause time.Duration) {
	select {
	case <-m.ctx.Done():
	case <-time.After(pause):
	}
}

// read takes a reading of the process at rest, unless the test has ended.
func (m *measurement) read(kind harness.Round) {
	r, err := m.self.Checkpoint(m.ctx)
	if err != nil {
		return
	}
	v := m.result()
	v.Checkpoints = append(v.Checkpoints, harness.Checkpoint{
		Round: kind, Requests: m.completed, AtSeconds: time.Since(m.began).Seconds(),
		LiveHeapBytes: r.LiveHeapBytes, LiveObjects: r.LiveObjects, Goroutines: r.Goroutines, StackBytes: r.StackBytes,
		SysBytes: r.SysBytes, ReleasedBytes: r.ReleasedBytes, InUseBytes: r.InUseBytes, IdleBytes: r.IdleBytes,
		TotalAllocBytes: r.TotalAllocBytes, TotalMallocs: r.TotalMallocs, GCCycles: r.GCCycles, GCCPUSeconds: r.GCCPUSeconds,
		LoadAllocBytes: r.ArrivalTotalAllocBytes - int64(m.before.TotalAlloc),
	})
	first, last := v.Checkpoints[0], v.Checkpoints[len(v.Checkpoints)-1]
	grown := last.LiveHeapBytes + last.StackBytes - first.LiveHeapBytes - first.StackBytes
	if grown > m.ceiling && v.Death == nil {
		v.Death = &harness.Death{
			Cause:     harness.MemoryCeiling,
			Evidence:  fmt.Sprintf("heap and stacks grew by %s, past the ceiling of %s", harness.Bytes(grown), harness.Bytes(m.ceiling)),
			AtSeconds: last.AtSeconds,
		}
	}
}

// next is the round that would tell more; empty where the verdict is settled, or
// no more is allowed. A function has no connections, so that new ones tell nothing.
func (m *measurement) next() harness.Round {
	verdict, next := judge.Judge(judge.In(m.record, 0))
	m.seen(verdict)
	switch {
	case next == harness.Reconnect, next == harness.Fresh && m.paced >= m.load().Segments.Max,
		m.result().Death != nil, len(m.result().Checkpoints) == maxCheckpoints:
		return ""
	}
	return next
}

// verdict is the verdict over all that was measured.
func (m *measurement) verdict() harness.Verdict { return judge.Final(judge.In(m.record, 0)) }
