package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/load"
)

// subject is a variant under test: its target, its client and what was
// measured of it. The lab's goroutine owns it, but for what mu guards.
type subject struct {
	variant Variant
	target  Target
	gauge   Gauge
	stream  harness.Stream
	client  *load.Client
	// loading ends when the target must not be loaded any more.
	loading context.Context
	stop    context.CancelCauseFunc
	watched sync.WaitGroup

	// verdict is the judge's as it stands, wants the round that it asks for; empty
	// when the verdict is settled.
	verdict harness.Verdict
	wants   harness.Round
	// replayFrom is the first request that is sent again and replayed the number of
	// them in a replay, flooded the next one of a flood; zero before there is one.
	replayFrom, replayed, flooded int
	reconnects                    int // rounds of new connections so far
	// round is the kind of the last one.
	round harness.Round
	// base is the reading right before a round, last how the round went.
	base *harness.Sample
	last load.Result
	// load sums the fresh rounds, whose latencies and CPU time compare between
	// variants; completed counts the requests of all rounds that did not fail.
	load      load.Result
	completed int
	// warmUp is how the requests before those were answered, warmedUp how many of
	// them did not fail, those of the burst included.
	warmUp   load.Result
	warmedUp int
	// burstTime is how long the burst before it took, slow that it was known to be slow
	// before all of them.
	burstTime time.Duration
	slow      bool
	// counted is the count of traffic from elsewhere at the end of the last step,
	// once counting has begun.
	counting   bool
	counted    float64
	cpuSeconds *float64 // nil where the target does not tell
	profiles   []profiles
	goroutines int64 // at the last goroutine profile
	unsettled  int   // checkpoints at which the target was not at rest
	buried     bool
	givenUp    bool // no more rounds: it answers none, or none of the lab's own account

	mu       sync.Mutex
	timeline []harness.Sample
	// untouched is how much of the live heap was not resident at the first sample
	// that told; nil before.
	untouched *int64
	death     *harness.Death
	// forecast is when the subject is expected to be killed; nil where nothing says.
	forecast *float64
}

// newSubject starts a variant's target and prepares its load. A subject that
// comes with an error must be closed all the same.
func (r *run) newSubject(ctx context.Context, v Variant, at backend.Endpoints) (*subject, error) {
	t, err := r.parts.Targets.Start(ctx, v.Variant, at)
	if err != nil {
		return nil, fmt.Errorf("variant %q: %w", v.Name, err)
	}
	s := &subject{variant: v, target: t, gauge: t.Gauge(), stream: r.plan.Stream, wants: harness.Fresh, slow: r.plan.Pace > 0}
	if own, ok := t.(Streamer); ok {
		s.stream = own.Stream()
	}
	s.loading, s.stop = context.WithCancelCause(context.Background())
	l := r.plan.Scenario.Load
	s.client, err = load.NewClient(t.URL(), s.stream, r.options(l.Connections))
	if err != nil {
		return s, fmt.Errorf("variant %q: %w", v.Name, err)
	}
	return s, nil
}

// options is how targets are reached.
func (r *run) options(connections int) load.Options {
	return load.Options{
		Connections: connections,
		Timeout:     time.Duration(r.plan.Scenario.Load.Timeout),
		AllowRemote: r.plan.AllowRemote,
		TLS:         r.plan.TLS,
	}
}

// ended tells whether the target has died, hangs, or reached its ceiling, or was
// given up.
func (s *subject) ended() bool { return s.givenUp || s.deathOf() != nil }

func (s *subject) deathOf() *harness.Death {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.death
}

// die notes the end of the target, of which the first cause counts, and stops
// its load.
func (s *subject) die(d harness.Death) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.death == nil {
		s.death = &d
		s.stop(errors.New(d.Evidence))
	}
}

func (s *subject) addSample(sample harness.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.timeline) < maxPendingSamples {
		s.timeline = append(s.timeline, sample)
	}
}

// takeTimeline is the samples since the last call.
func (s *subject) takeTimeline() []harness.Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.timeline
	s.timeline = nil
	return taken
}

// maxPendingSamples bounds the timeline between two checkpoints: ten samples a
// second for a segment of over an hour.
const maxPendingSamples = 40_000

// loadResult is how the target answered the counted segments, or, before there is
// one, the warm-up: a target that fails all of that is not measured either.
func (s *subject) loadResult() harness.LoadResult {
	load := s.load
	if load.Requests == 0 { // it never came to that
		load = s.warmUp
	}
	result := load.LoadResult()
	result.WarmUpRequests = s.warmedUp
	if slow(load) || s.slow {
		result.RatePerSecond = answered(load)
	}
	if completed := s.load.Requests - s.load.Errors; s.cpuSeconds != nil && completed > 0 {
		result.CPUSecondsPerRequest = new(*s.cpuSeconds / float64(completed))
	}
	return result
}

// close ends the target and what watches it.
func (s *subject) close() error {
	s.stop(nil)
	err := s.target.Stop(stopGrace)
	s.gauge.Close()
	s.watched.Wait()
	if s.client != nil {
		s.client.Close()
	}
	if err != nil && !s.ended() {
		return fmt.Errorf("variant %q: %w", s.variant.Name, err)
	}
	return nil
}
