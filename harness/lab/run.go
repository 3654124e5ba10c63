package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/journal"
	"golang.org/x/sync/errgroup"
)

// stopGrace is how long a target may take to end when it is asked to.
const stopGrace = 3 * time.Second

// run is a run under way.
type run struct {
	plan     Plan
	parts    Parts
	backends *backend.Set
	subjects []*subject
	proof    *proof
	created  time.Time
	// began is when the load began, the zero of AtSeconds.
	began time.Time
	// ends is when the time of the load is used up.
	ends time.Time
	next int // the stream's next request
	// outlasted says that the load until a kill was made.
	outlasted bool
	segments  int // counted segments at the scenario's rate
	unsaved   sync.Once
	progress  sync.Mutex // guards reached and the calls of Progress
	reached   Progress   // as of the last report, without variants and note
}

// Run runs the plan and returns its record. Every target and backend that it
// started is gone when it returns. When ctx ends early the record is incomplete
// and holds what was measured. The error is for what could not be run or
// written; the record that comes with it holds what is known all the same.
func Run(ctx context.Context, plan Plan, parts Parts) (harness.Record, error) {
	if plan.Scenario.MemoryCeiling == 0 {
		plan.Scenario.MemoryCeiling = defaultCeiling()
	}
	plan.Deadlines = plan.Deadlines.orDefault()
	r := &run{plan: plan, parts: parts, created: time.Now()}
	if err := parts.Journal.Append(journal.Started{Record: r.header(ctx)}); err != nil {
		return parts.Journal.Record(), err
	}
	defer r.beating()()
	stopProof := r.prove(ctx)
	err := r.start(ctx)
	if err == nil {
		err = r.measure(ctx)
	}
	stopProof()
	complete := err == nil && ctx.Err() == nil
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil // an interrupted start is an incomplete run, not a failed one
	}
	err = errors.Join(err, r.finish(ctx, complete), r.close())
	return parts.Journal.Record(), err
}

// start starts the backends, fills them and starts all targets.
func (r *run) start(ctx context.Context) error {
	r.report(Progress{Phase: Starting})
	r.warnOfPace()
	ctx, cancel := context.WithTimeout(ctx, r.plan.Deadlines.Start)
	defer cancel()
	names := make([]string, len(r.plan.Variants))
	for i, v := range r.plan.Variants {
		names[i] = v.Name
	}
	set, err := backend.Start(ctx, r.parts.Backends, r.plan.Needs, names)
	if err != nil {
		return err
	}
	r.backends = set
	if r.plan.Fill != nil {
		if err := r.plan.Fill(ctx, set.Endpoints(names[0])); err != nil {
			return fmt.Errorf("fill the backends: %w", err)
		}
	}
	r.subjects = make([]*subject, len(names))
	var g errgroup.Group
	for i, v := range r.plan.Variants {
		g.Go(func() (err error) {
			if r.subjects[i], err = r.newSubject(ctx, v, set.Endpoints(v.Name)); err != nil {
				return err
			}
			if err := r.prewarm(ctx, r.subjects[i]); err != nil {
				return fmt.Errorf("variant %q: pre-warm: %w", v.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// errTimeUp ends the load of a run that has used up its time. Such a run is
// complete, unlike one that was interrupted.
var errTimeUp = errors.New("load.max_time is used up")

// measure drives the protocol: warm-up, a settling segment, then what the judge
// asks for until every verdict is settled, the segments or the time are used up,
// or ctx ends.
func (r *run) measure(ctx context.Context) error {
	load := r.plan.Scenario.Load
	r.began = time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.ends = r.began.Add(time.Duration(load.MaxTime) - r.burstOver())
	timeUp := time.AfterFunc(r.left(), func() { cancel(errTimeUp) })
	defer timeUp.Stop()
	for _, s := range r.subjects {
		r.watch(ctx, s)
	}
	r.report(Progress{Phase: WarmingUp})
	r.next = r.burst()
	r.barrier(ctx, r.everyone(step{first: r.next, count: load.WarmUp, rate: load.Rate}))
	r.next += load.WarmUp
	left := r.left()
	timeUp.Stop() // the self-test's time is not the scenario's
	if err := r.awaitProof(); err != nil {
		return err
	}
	if !r.alive() {
		return nil
	}
	r.ends = time.Now().Add(left)
	timeUp.Reset(left)
	settling := load.SegmentAt(0)
	r.barrier(ctx, r.everyone(step{round: harness.Fresh, baseline: true, first: r.next, count: settling, rate: load.Rate}))
	r.next += settling
	for ctx.Err() == nil && r.alive() {
		if r.doomed() {
			r.outlast(ctx)
			continue
		}
		steps := r.nextSteps()
		if len(steps) == 0 {
			break
		}
		r.barrier(ctx, steps)
		if ctx.Err() == nil {
			r.judge()
			r.notSaved(r.parts.Journal.Save(r.parts.Journal.Record()))
		}
	}
	if timeUp.Stop() { // else there is no time left
		ctx, cancel := r.samplingTime(ctx)
		defer cancel()
		r.sampleLeaks(ctx)
	}
	return nil
}

// each does a step for every subject that is alive, all at the same time, and
// waits for all: it is the barrier of the protocol.
func (r *run) each(step func(s *subject)) {
	var steps sync.WaitGroup
	for _, s := range r.subjects {
		if !s.ended() {
			steps.Go(func() { step(s) })
		}
	}
	steps.Wait()
}

// alive tells whether any subject is left to measure.
func (r *run) alive() bool {
	for _, s := range r.subjects {
		if !s.ended() {
			return true
		}
	}
	return false
}

// since is the time since the load began, in seconds; zero before.
func (r *run) since(t time.Time) float64 {
	if r.began.IsZero() {
		return 0
	}
	return t.Sub(r.began).Seconds()
}

// close stops the targets, then the backends that they use.
func (r *run) close() error {
	errs := make([]error, len(r.subjects)+1)
	var stops sync.WaitGroup
	for i, s := range r.subjects {
		if s != nil {
			stops.Go(func() { errs[i] = s.close() })
		}
	}
	stops.Wait()
	if r.backends != nil {
		errs[len(r.subjects)] = r.backends.Close()
	}
	return errors.Join(errs...)
}
