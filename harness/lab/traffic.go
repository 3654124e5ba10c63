package lab

import (
	"context"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Traffic counts what a target is asked to do by others, where the lab does not
// load it: what growth is measured against, in the place of requests.
type Traffic struct {
	// Unit is what is counted, such as "KiB allocated".
	Unit string
	// Count is the count now. It never falls, but by a restart of the target.
	Count func(ctx context.Context) (float64, error)
	// Every is the least time between two checkpoints.
	Every time.Duration
}

// await waits until others have asked enough of a target: as many units as a step
// has requests, and no less than the time between two checkpoints.
func (r *run) await(ctx context.Context, s *subject, st step) {
	traffic := r.plan.Traffic
	ticks := time.NewTicker(traffic.Every)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
		count, err := traffic.Count(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.unreadable(fmt.Errorf("count of %s: %w", traffic.Unit, err), r.since(time.Now()))
			}
			return
		}
		if count < s.counted {
			s.die(harness.Death{
				Cause:     harness.Restarted,
				Evidence:  fmt.Sprintf("the count of %s fell from %.0f to %.0f", traffic.Unit, s.counted, count),
				AtSeconds: r.since(time.Now()),
			})
			return
		}
		if !s.counting { // the first reading says how far the count has come without us
			s.counting, s.counted = true, count
			continue
		}
		if count-s.counted >= float64(st.count) {
			s.advance(count, st)
			return
		}
	}
}

// advance notes how far the count has come at the end of a step.
func (s *subject) advance(count float64, st step) {
	s.counted = count
	if st.counts() {
		s.completed = int(count) - s.warmedUp
	} else {
		s.warmedUp = int(count)
	}
}

// warnOfTraffic warns of a count that moved too little for a verdict.
func (r *run) warnOfTraffic(s *subject) {
	traffic := r.plan.Traffic
	if traffic != nil && r.segments < r.plan.Scenario.Load.Segments.Min {
		r.warn("little-traffic", fmt.Sprintf("%s: too little traffic for a verdict: %s moved by %.0f in %.0f s",
			s.variant.Name, traffic.Unit, s.counted-float64(s.warmedUp), r.since(time.Now())))
	}
}

// unit is what is counted, empty where the lab loads the targets itself.
func (t *Traffic) unit() string {
	if t == nil {
		return ""
	}
	return t.Unit
}
