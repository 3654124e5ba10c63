package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
)

// sampleInterval is the timeline's: 4 a second show what happens within a
// segment, and keep a target that leaks 100 MB/s within 25 MB of its ceiling.
// Each wakes an idle target up, which costs it some 250 µs of CPU time: 0.1 % of
// a core, and 1.4 % of the fraud check's 70 ms a second (docs/decisions/0007).
const sampleInterval = 250 * time.Millisecond

// watch follows a subject under load until its load is stopped or ctx ends: its
// timeline, its memory ceiling and its life.
func (r *run) watch(ctx context.Context, s *subject) {
	ctx, cancel := context.WithCancel(ctx)
	release := context.AfterFunc(s.loading, cancel)
	s.watched.Go(func() {
		defer cancel()
		defer release()
		for ctx.Err() == nil {
			r.follow(ctx, s)
			select {
			case <-ctx.Done():
			case <-time.After(sampleInterval):
			}
		}
	})
	s.watched.Go(func() {
		select {
		case <-s.target.Done():
			s.died(r.since(time.Now()))
		case <-s.loading.Done():
		}
	})
}

// follow takes a subject's samples as they come. A stream that breaks is no finding
// of its own: the next checkpoint tells whether the target still answers; but the
// ceiling is watched through it, so that it is opened again.
func (r *run) follow(ctx context.Context, s *subject) {
	began := time.Now()
	_ = s.gauge.Stream(ctx, sampleInterval, func(sample harness.Sample) {
		sample.AtSeconds += r.since(began)
		sample.RatePerSecond, sample.LatencyP99Seconds = s.client.Recent()
		s.addSample(sample)
		r.guard(s, sample)
	})
}

// footprintOf is what a target holds; where that cannot be read, what Go's runtime
// does stands for it. Live memory counts though it is not resident, for pages that
// were never touched, or were swapped out, are as lost; but what was so before the
// load, such as a ballast, is the target's own affair.
func (s *subject) footprintOf(sample harness.Sample) harness.Bytes {
	if sample.RSSBytes == nil {
		return harness.Bytes(sample.SysBytes - sample.ReleasedBytes)
	}
	// The live heap is a guess where the goal of the next collection tells it: there
	// is never more than all of the heap.
	resident, live := *sample.RSSBytes, min(sample.LiveHeapBytes, sample.HeapBytes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.untouched == nil {
		if live == 0 {
			return harness.Bytes(resident)
		}
		s.untouched = new(max(0, live-resident))
	}
	return harness.Bytes(max(resident, live-*s.untouched))
}

// room is what is left to a target, as it was sampled, below its ceiling or limit.
func (r *run) room(s *subject, sample harness.Sample) harness.Bytes {
	most := r.plan.Scenario.MemoryCeiling
	if limit := r.plan.Scenario.MemoryLimit; limit > 0 {
		most = min(most, limit)
	}
	return max(0, most-s.footprintOf(sample))
}

// guard stops the load of a target whose footprint has passed the ceiling.
func (r *run) guard(s *subject, sample harness.Sample) {
	footprint, what := s.footprintOf(sample), "footprint"
	if rss := sample.RSSBytes; rss != nil && footprint > harness.Bytes(*rss) {
		what = "live heap"
	}
	if r.plan.Scenario.MemoryLimit > 0 {
		return // which ends it
	}
	if ceiling := r.plan.Scenario.MemoryCeiling; footprint > ceiling {
		s.die(harness.Death{
			Cause:     harness.MemoryCeiling,
			Evidence:  fmt.Sprintf("the %s reached %s, past the ceiling of %s", what, footprint, ceiling),
			AtSeconds: sample.AtSeconds,
		})
	}
}

// died notes a process that has ended by itself.
func (s *subject) died(atSeconds float64) {
	exit := s.target.Exit()
	if exit.OOMKilled {
		s.die(s.killed(exit, atSeconds))
		return
	}
	evidence := exit.String()
	if exit.Tail != "" {
		evidence += ": " + lastLine(exit.Tail)
	}
	s.die(harness.Death{Cause: harness.Crashed, ExitCode: new(exit.Code), Evidence: evidence, AtSeconds: atSeconds})
}

// unreadable notes a subject whose checkpoint failed: its process has just ended,
// it hangs, or, where the lab did not start it, it is gone or another one.
func (s *subject) unreadable(err error, atSeconds float64) {
	select {
	case <-s.target.Done():
		s.died(atSeconds)
	case <-time.After(exitTime):
		s.die(harness.Death{Cause: causeOf(err), Evidence: err.Error(), AtSeconds: atSeconds})
	}
}

// causeOf is what the error of a reading says of a target whose end nobody tells.
func causeOf(err error) string {
	switch {
	case errors.Is(err, gauge.ErrGone):
		return harness.Gone
	case errors.Is(err, gauge.ErrRestarted):
		return harness.Restarted
	}
	return harness.Hung
}

// exitTime is how long the end of a process may take to be seen after its
// connections broke.
const exitTime = time.Second
