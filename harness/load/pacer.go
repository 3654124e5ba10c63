package load

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// pacer is a vegeta pacer that ends after a number of requests. The k-th is due
// at k/rate after the start, k from 1, so that count requests take count/rate.
// A pacer that is behind does not wait: the rate is held over the segment, not
// from one request to the next.
type pacer struct {
	ctx   context.Context
	count uint64
	rate  harness.Rate
}

// Pace waits until the next request is due and tells whether there is none. It
// waits itself, where other pacers have vegeta do so, because vegeta's sleep
// cannot be cut short.
func (p pacer) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if hits >= p.count || p.ctx.Err() != nil {
		return 0, true
	}
	wait := due(hits, p.rate) - elapsed
	if wait <= 0 {
		return 0, false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0, false
	case <-p.ctx.Done():
		return 0, true
	}
}

// due is when a request is due after the start, by its number from zero.
func due(number uint64, rate harness.Rate) time.Duration {
	return time.Duration(float64(number+1) / float64(rate) * float64(time.Second))
}

// Rate is in requests per second.
func (p pacer) Rate(time.Duration) float64 { return float64(p.rate) }
