package lab

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
)

// purpose is what a segment and its checkpoint are for.
type purpose int

const (
	// warming fills the service's caches, and its checkpoint those that reading
	// needs: some 9.5 KB, and a heap profile's 8 to 18 KB. It is discarded.
	warming purpose = iota
	// settling refills what that checkpoint's collections emptied. Its checkpoint
	// is the first that counts, at zero requests.
	settling
	// counted segments are the measurement.
	counted
)

// segment sends the same requests to every subject, all at the same time, and
// reads all of them at rest.
func (r *run) segment(ctx context.Context, requests int, why purpose) {
	first := r.next
	r.next += requests
	r.each(func(s *subject) { r.load(ctx, s, first, requests, why) })
	if ctx.Err() == nil {
		r.each(func(s *subject) { r.read(ctx, s, why) })
	}
	for _, s := range r.subjects {
		if s.ended() && !s.buried {
			r.bury(ctx, s, why)
		}
	}
}

// load sends one segment to a subject.
func (r *run) load(ctx context.Context, s *subject, first, requests int, why purpose) {
	s.base = nil
	if base, err := s.gauge.Sample(ctx); err == nil {
		s.base = &base
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.loading, func() { cancel(context.Cause(s.loading)) })()
	// The error says that the segment was cut short, which its counts show.
	s.last, _ = s.client.Segment(ctx, first, requests, r.plan.Scenario.Load.Rate)
	if why == counted {
		s.load.Merge(s.last)
		s.completed += s.last.Requests - s.last.Errors
	}
}

// read takes one checkpoint of a subject.
func (r *run) read(ctx context.Context, s *subject, why purpose) {
	readCtx, cancel := context.WithTimeout(ctx, r.plan.Deadlines.Checkpoint)
	defer cancel()
	reading, err := s.gauge.Checkpoint(readCtx)
	var profile []byte
	if err == nil {
		profile, err = s.gauge.HeapProfile(readCtx)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		s.unreadable(err, r.since(time.Now()))
	case err == nil && why != warming:
		r.store(s, why, reading, profile)
	}
}

// store writes a checkpoint down with its profile.
func (r *run) store(s *subject, why purpose, reading gauge.Reading, profile []byte) {
	c := reading.Checkpoint
	c.Requests, c.AtSeconds = s.completed, r.since(time.Now())
	if why == counted && s.base != nil {
		c.LoadAllocBytes = reading.ArrivalAllocBytes - s.base.TotalAllocBytes
		if reading.ArrivalCPUSeconds != nil && s.base.CPUSeconds != nil {
			c.LoadCPUSeconds = new(*reading.ArrivalCPUSeconds - *s.base.CPUSeconds)
			total := *c.LoadCPUSeconds
			if s.cpuSeconds != nil {
				total += *s.cpuSeconds
			}
			s.cpuSeconds = &total
		}
	}
	path, err := r.parts.Journal.Profile(s.variant.Name, profile)
	r.notSaved(err)
	c.Profile = path
	if s.profiles[0] == nil {
		s.profiles[0] = profile
	}
	s.profiles[1] = profile
	r.append(journal.Checkpoint{Variant: s.variant.Name, Checkpoint: c})
	r.append(journal.Loaded{Variant: s.variant.Name, Load: s.loadResult(), Answers: s.load.Answers(s.variant.FalsePositives)})
	r.append(journal.Timeline{Variant: s.variant.Name, Samples: s.takeTimeline()})
}

// bury writes the end of a subject down. One that reached its ceiling is still
// there, and read a last time; then the process is ended.
func (r *run) bury(ctx context.Context, s *subject, why purpose) {
	s.buried = true
	death := *s.deathOf()
	if death.Cause == harness.MemoryCeiling && ctx.Err() == nil {
		r.read(ctx, s, why)
	}
	r.append(journal.Loaded{Variant: s.variant.Name, Load: s.loadResult(), Answers: s.load.Answers(s.variant.FalsePositives)})
	r.append(journal.Timeline{Variant: s.variant.Name, Samples: s.takeTimeline()})
	r.append(journal.Died{Variant: s.variant.Name, Death: death})
	_ = s.target.Stop(stopGrace) // it is on record as dead already
	r.note("%s: %s: %s", s.variant.Name, death.Cause, death.Evidence)
}
