package lab

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
	"github.com/leaklab/leaklab/harness/target"
)

// oomExitCode is what a shell and a container's engine call the end by SIGKILL.
const oomExitCode = 137

// doomed tells whether a target grows that is expected to, under a memory limit:
// then all are driven on until it is killed.
func (r *run) doomed() bool {
	return r.plan.Scenario.MemoryLimit > 0 && !r.outlasted && len(r.dying()) > 0
}

// dying are the subjects that are expected to leak and grow for certain.
func (r *run) dying() []*subject {
	var dying []*subject
	for _, s := range r.subjects {
		if s.variant.Expect.OrDefault() == harness.ExpectLeak && !s.ended() && s.wants != harness.Fresh {
			dying = append(dying, s)
		}
	}
	return dying
}

// outlast loads every subject at the scenario's rate, without checkpoints, until
// the last of the dying ones is dead, and reads those that are left: they had the
// same load.
func (r *run) outlast(ctx context.Context) {
	r.outlasted = true
	r.report(Progress{Note: fmt.Sprintf("no checkpoints until the memory limit of %s is reached", r.plan.Scenario.MemoryLimit)})
	dying := r.dying()
	r.foretell(dying)
	loading, dead := context.WithCancel(ctx)
	defer dead()
	var left atomic.Int64
	left.Store(int64(len(dying)))
	for _, s := range dying {
		defer context.AfterFunc(s.loading, func() {
			if left.Add(-1) == 0 {
				dead()
			}
		})()
	}
	st := step{round: harness.Fresh, first: r.next, count: r.rest(), rate: r.plan.Scenario.Load.Rate}
	r.next += st.count
	r.each(func(s *subject) { r.drive(loading, s, st) })
	for _, s := range dying {
		if !s.ended() && (ctx.Err() == nil || errors.Is(context.Cause(ctx), errTimeUp)) {
			r.warn("not-killed", fmt.Sprintf("%s: load.max_time = %s was over before it reached its memory limit of %s",
				s.variant.Name, r.plan.Scenario.Load.MaxTime, r.plan.Scenario.MemoryLimit))
		}
	}
	r.settle(ctx, r.everyone(st))
	if ctx.Err() == nil {
		r.judge()
		r.notSaved(r.parts.Journal.Save(r.parts.Journal.Record()))
	}
}

// maxRest bounds the requests of a load without checkpoints.
const maxRest = 10_000_000

// rest is the number of requests in the time that is left.
func (r *run) rest() int {
	load := r.plan.Scenario.Load
	if load.Rate.IsMax() {
		return maxRest
	}
	left := r.left().Seconds() * float64(load.Rate)
	return int(min(max(left, 1), maxRest))
}

// foretell notes when each of them is expected to be killed.
func (r *run) foretell(dying []*subject) {
	record, now := r.parts.Journal.Record(), r.since(time.Now())
	for i, v := range record.Variants {
		for _, s := range dying {
			if s != r.subjects[i] {
				continue
			}
			if seconds, ok := judge.Lifetime(judge.In(record, i), r.plan.Scenario.MemoryLimit); ok {
				s.mu.Lock()
				s.forecast = new(now + seconds)
				s.mu.Unlock()
				r.note("%s: forecast: killed %.0f s from now", v.Name, seconds)
			}
		}
	}
}

// killed is the death of a target by its memory limit.
func (s *subject) killed(exit target.Exit, atSeconds float64) harness.Death {
	s.mu.Lock()
	defer s.mu.Unlock()
	return harness.Death{
		Cause: harness.OOMKilled, ExitCode: new(oomExitCode), Evidence: fmt.Sprintf("%s, exit code %d", exit.Evidence, oomExitCode),
		AtSeconds: atSeconds, ForecastSeconds: s.forecast, GCShare: gcShare(s.timeline),
	}
}

// lastSeconds is the least that the share of collections is of, before a target's
// end.
const lastSeconds = 10

// gcShare is the part of the machine's processors that a target spent on
// collections in its last seconds, by the runtime's own estimate: as far back as
// one collection, for at 1 GiB one comes every half a minute. It is nil where
// there was none since the last checkpoint.
func gcShare(timeline []harness.Sample) *float64 {
	if len(timeline) == 0 {
		return nil
	}
	first, last := timeline[0], timeline[len(timeline)-1]
	for _, sample := range slices.Backward(timeline) {
		if last.AtSeconds-sample.AtSeconds >= lastSeconds && sample.GCCycles < last.GCCycles {
			first = sample
			break
		}
	}
	if first.GCCycles == last.GCCycles {
		return nil
	}
	return new((last.GCCPUSeconds - first.GCCPUSeconds) / ((last.AtSeconds - first.AtSeconds) * float64(runtime.NumCPU())))
}

// countLastLoad adds the CPU time of a load that no checkpoint has ended, as far
// as the timeline goes.
func (s *subject) countLastLoad() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base == nil || s.base.CPUSeconds == nil || s.cpuSeconds == nil || len(s.timeline) == 0 {
		return
	}
	if last := s.timeline[len(s.timeline)-1].CPUSeconds; last != nil {
		*s.cpuSeconds += max(0, *last-*s.base.CPUSeconds)
	}
}
