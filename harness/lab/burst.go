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
// answers in burstTime, or half of the load's time; what a burst takes past
// freeBurst, the load has less. One that is known to be slow gets a single round,
// for its share of the time.
const (
	BurstRequests    = 1800
	BurstConnections = 128
	fullRounds       = 3
	burstTime        = 10 * time.Second
	freeBurst        = 5 * time.Second
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
	began := time.Now()
	defer func() { s.burstTime = time.Since(began) }()
	inTime, cancel := context.WithTimeout(ctx, min(burstTime, time.Duration(r.plan.Scenario.Load.MaxTime)/2))
	defer cancel()
	rounds, count := r.burstRounds()
	for k := range rounds {
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
			rounds, count := r.burstRounds()
			return rounds * count
		}
	}
	return 0
}

// burstRounds is how many rounds of how many requests a burst has.
func (r *run) burstRounds() (rounds, count int) {
	const full = BurstRequests / fullRounds
	if r.plan.Pace == 0 {
		return fullRounds, full
	}
	return 1, min(full, max(1, int(r.plan.Pace*shared(r.plan.Scenario.Load, warmUpShare).Seconds())))
}

// burstOver is what the longest burst took past what is free.
func (r *run) burstOver() time.Duration {
	var longest time.Duration
	for _, s := range r.subjects {
		longest = max(longest, s.burstTime)
	}
	return max(0, longest-freeBurst)
}
