package lab

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/load"
)

// step is what one subject does before the next barrier.
type step struct {
	// round is the kind of it; empty for the warm-up, whose checkpoint is
	// discarded: it fills caches that reading needs, some 9.5 KB, and a heap
	// profile's 8 to 18 KB.
	round harness.Round
	// baseline marks the round whose checkpoint is the first that counts: it
	// refills what the discarded checkpoint's collections emptied.
	baseline bool
	// first and count are the requests of the stream to send, rate how fast.
	first, count int
	rate         harness.Rate
	// reconnect sends each of them over a new connection.
	reconnect bool
	// pause is how long to wait where nothing is sent.
	pause time.Duration
}

// barrier does a step for each subject that has one, all at the same time, then
// reads all of them at rest.
func (r *run) barrier(ctx context.Context, steps map[*subject]step) {
	r.each(func(s *subject) {
		if st, ok := steps[s]; ok {
			r.drive(ctx, s, st)
		}
	})
	r.settle(ctx, steps)
}

// settle reads every subject that has done a step, and writes down what has ended.
func (r *run) settle(ctx context.Context, steps map[*subject]step) {
	if ctx.Err() == nil {
		r.each(func(s *subject) {
			if st, ok := steps[s]; ok {
				r.read(ctx, s, st)
			}
		})
	}
	for _, s := range r.subjects {
		if s.deathOf() != nil && !s.buried {
			r.bury(ctx, s, steps[s])
		}
	}
}

// everyone gives all subjects the same step.
func (r *run) everyone(st step) map[*subject]step {
	steps := make(map[*subject]step, len(r.subjects))
	for _, s := range r.subjects {
		steps[s] = st
	}
	return steps
}

// drive sends a step's requests to a subject, or waits.
func (r *run) drive(ctx context.Context, s *subject, st step) {
	if !r.readBase(ctx, s) {
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.loading, func() { cancel(context.Cause(s.loading)) })()
	if r.plan.Traffic != nil {
		r.await(ctx, s, st)
		return
	}
	if st.count == 0 {
		select {
		case <-ctx.Done():
		case <-time.After(st.pause):
		}
		return
	}
	var err error // of a segment that was cut short, which its counts show
	s.last, err = s.client.Send(ctx, load.Batch{
		First: st.first, Count: st.count, Rate: st.rate, Reconnect: st.reconnect, Patience: st.patience(),
	})
	if st.counts() {
		s.completed += s.last.Requests - s.last.Errors
	} else {
		s.warmUp.Merge(s.last)
		s.warmedUp += s.last.Requests - s.last.Errors
	}
	if st.counts() && st.round == harness.Fresh {
		s.load.Merge(s.last)
	}
	r.giveUp(ctx, s, st, err)
}

// readBase reads a subject right before it is driven, and tells whether it still
// answers. A gauge that cannot read without a collection is no failure.
func (r *run) readBase(ctx context.Context, s *subject) bool {
	s.base = nil
	readCtx, cancel := context.WithTimeout(ctx, r.plan.Deadlines.Checkpoint)
	defer cancel()
	base, err := s.gauge.Sample(readCtx)
	switch {
	case err == nil:
		base.AtSeconds = r.since(time.Now())
		s.base = &base
		r.guard(s, base)
		return !s.ended()
	case ctx.Err() == nil && readCtx.Err() != nil:
		s.unreadable(err, r.since(time.Now()))
		return false
	}
	return true
}

// counts tells whether a step's requests are part of the measurement.
func (st step) counts() bool { return st.round != "" && !st.baseline }

// read takes one checkpoint of a subject.
func (r *run) read(ctx context.Context, s *subject, st step) {
	readCtx, cancel := context.WithTimeout(ctx, r.plan.Deadlines.Checkpoint)
	defer cancel()
	reading, err := s.gauge.Checkpoint(readCtx)
	var taken profiles
	if err == nil {
		taken, err = s.takeProfiles(readCtx, reading.Goroutines)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		s.unreadable(err, r.since(time.Now()))
	case err == nil && st.round != "":
		r.store(s, st, reading, taken)
	}
}

// store writes a checkpoint down with its profile.
func (r *run) store(s *subject, st step, reading gauge.Reading, taken profiles) {
	c := reading.Checkpoint
	c.Round, c.Requests, c.AtSeconds = st.round, s.completed, r.since(time.Now())
	if !reading.Settled {
		s.unsettled++
	}
	if st.counts() && s.base != nil {
		c.LoadAllocBytes = reading.ArrivalAllocBytes - s.base.TotalAllocBytes
		if reading.ArrivalCPUSeconds != nil && s.base.CPUSeconds != nil {
			c.LoadCPUSeconds = new(*reading.ArrivalCPUSeconds - *s.base.CPUSeconds)
		}
	}
	if st.counts() && s.base != nil && reading.ArrivalGCCPUSeconds != nil {
		c.LoadGCCPUSeconds = new(max(0, *reading.ArrivalGCCPUSeconds-s.base.GCCPUSeconds))
	}
	if c.LoadCPUSeconds != nil && st.round == harness.Fresh {
		s.cpuSeconds = new(*c.LoadCPUSeconds + orZero(s.cpuSeconds))
	}
	if taken.heap != nil {
		path, err := r.parts.Journal.Profile(s.variant.Name, taken.heap)
		r.notSaved(err)
		c.Profile = path
	}
	taken.requests, taken.seconds, taken.liveHeap, taken.round = s.completed, c.AtSeconds, c.LiveHeapBytes, st.round
	s.profiles, s.round = append(s.profiles, taken), st.round
	r.append(journal.Checkpoint{Variant: s.variant.Name, Checkpoint: c})
	r.append(journal.Loaded{Variant: s.variant.Name, Load: s.loadResult(), Answers: s.load.Answers(s.variant.FalsePositives)})
	r.append(journal.Timeline{Variant: s.variant.Name, Samples: s.takeTimeline()})
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// bury writes the end of a subject down. One that reached its ceiling is still
// there, and read a last time; then the process is ended.
func (r *run) bury(ctx context.Context, s *subject, st step) {
	s.buried = true
	death := *s.deathOf()
	if st.round == "" { // died in the warm-up: better a reading at zero requests than none
		st = step{round: harness.Fresh, baseline: true}
	}
	if death.Cause == harness.MemoryCeiling && ctx.Err() == nil {
		r.read(ctx, s, st)
	}
	if death.Cause == harness.OOMKilled {
		s.countLastLoad()
	}
	r.append(journal.Loaded{Variant: s.variant.Name, Load: s.loadResult(), Answers: s.load.Answers(s.variant.FalsePositives)})
	r.append(journal.Timeline{Variant: s.variant.Name, Samples: s.takeTimeline()})
	r.append(journal.Died{Variant: s.variant.Name, Death: death})
	_ = s.target.Stop(stopGrace) // it is on record as dead already
	r.note("%s: %s: %s", s.variant.Name, death.Cause, death.Evidence)
}
