package main

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/leaklab/leaklab/harness/sweep"
)

const (
	// floodStep is how long each step of a flood takes: 25 requests of 20 ms, the
	// largest of which is its 99th percentile.
	floodStep = 500 * time.Millisecond
	// floodConnections is the most connections of a closed loop, the last step.
	floodConnections = 64
	// floodRequests is more than any target answers within a step.
	floodRequests = 1 << 20
)

// flood finds out how fast a target answers a closed loop.
type flood struct {
	ctx     context.Context
	stream  harness.Stream
	timeout time.Duration
	// ceiling is the footprint past which the target must not be loaded.
	ceiling func() harness.Bytes
	steps   []sweep.Step
}

// of floods a target, a step for each number of connections. It ends with the
// first step that cannot be made: what is known by then counts.
func (f *flood) of(t lab.Target) {
	for n := 1; n <= floodConnections && f.ctx.Err() == nil && f.room(t.Gauge()); n *= 2 {
		client, err := load.NewClient(t.URL(), f.stream, load.Options{Connections: n, Timeout: f.timeout})
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(f.ctx, floodStep)
		// The error says that the segment ended with its time, as it should. Requests
		// under way by then are not counted.
		result, _ := client.Segment(ctx, 0, floodRequests, harness.MaxRate)
		cancel()
		client.Close()
		p99 := result.LoadResult().LatencyP99Seconds
		if p99 == nil {
			return
		}
		f.steps = append(f.steps, sweep.Step{
			Connections: n, Requests: result.Requests, Errors: result.Errors,
			RatePerSecond: float64(result.Requests) / result.ElapsedSeconds, LatencyP99Seconds: *p99,
		})
	}
}

// room tells whether a target's footprint may double, as twice as many requests
// under way may make it. Of one that tells nothing that is not known: then not.
func (f *flood) room(g lab.Gauge) bool {
	ctx, cancel := context.WithTimeout(f.ctx, f.timeout)
	defer cancel()
	sample, err := g.Sample(ctx)
	if err != nil {
		return false
	}
	footprint := sample.SysBytes - sample.ReleasedBytes
	if sample.RSSBytes != nil {
		footprint = *sample.RSSBytes
	}
	return 2*harness.Bytes(footprint) <= f.ceiling()
}

// floodedTargets flood each target when the lab has judged it and has no more use
// for it: right before it is stopped, with its backends and caches as they are.
type floodedTargets struct {
	lab.Targets
	flood *flood
}

// Start starts the target of a variant.
func (t floodedTargets) Start(ctx context.Context, v harness.Variant, at backend.Endpoints) (lab.Target, error) {
	target, err := t.Targets.Start(ctx, v, at)
	if err != nil {
		return nil, err
	}
	return floodedTarget{target, t.flood}, nil
}

type floodedTarget struct {
	lab.Target
	flood *flood
}

// Stop floods the target, if it is still there, then ends it.
func (t floodedTarget) Stop(grace time.Duration) error {
	select {
	case <-t.Done():
	default:
		t.flood.of(t.Target)
	}
	return t.Target.Stop(grace)
}
