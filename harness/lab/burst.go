package lab

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/load"
)

// The burst stands for the pre-warm that only a probe can do: so many requests
// over so many connections leave the runtime with more goroutines and threads
// than the measurement needs. 9 of 11 clean services then moved by less than
// 160 B between checkpoints (2026-11). A service that is slow gets what it
// answers in burstTime.
const (
	BurstRequests    = 1800
	BurstConnections = 128
	burstRounds      = 3
	burstTime        = 10 * time.Second
)

// bursts tells whether a target is pre-warmed by load.
func (r *run) bursts(v Variant) bool {
	asks := v.Gauge == "" || v.Gauge == harness.GaugeProbe || v.Gauge == harness.GaugeContinuous
	return !asks && r.plan.Scenario.Replay != harness.ReplayNever && r.plan.Traffic == nil
}

// prewarm readies the runtime of a target, so that readings are exact.
func (r *run) prewarm(ctx context.Context, s *subject) error {
	if !r.bursts(s.variant) {
		return s.gauge.Prewarm(ctx)
	}
	client, err := load.NewClient(s.target.URL(), s.stream, r.options(BurstConnections))
	if err != nil {
		return err
	}
	defer client.Close()
	inTime, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	const count = BurstRequests / burstRounds
	for k := range burstRounds {
		// The error is of a segment that was cut short, which its counts show; whether
		// the target answers well is for the measurement to say.
		result, _ := client.Segment(inTime, k*count, count, harness.MaxRate)
		s.warmedUp += result.Requests - result.Errors
	}
	return ctx.Err()
}

// burst is the number of requests of the stream that bursts use up.
func (r *run) burst() int {
	for _, v := range r.plan.Variants {
		if r.bursts(v) {
			return BurstRequests
		}
	}
	return 0
}
