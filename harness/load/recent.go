package load

import (
	"strconv"
	"sync"
	"time"
)

// minRecent is the least time under load that a rate is told of: half a dozen
// requests at the default rate, and less than the time between two samples.
const minRecent = 100 * time.Millisecond

// recent counts what was answered since it was last asked. A segment adds to it
// answer by answer; whoever watches the load meanwhile takes it.
type recent struct {
	mu        sync.Mutex
	began     time.Time // of the segment under way; zero between segments
	loaded    time.Duration
	answered  int
	latencies Latencies
}

func (r *recent) begin(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began = now
}

func (r *recent) end(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded += now.Sub(r.began)
	r.began = time.Time{}
}

// add counts an answer or a failure; only an answer has a latency.
func (r *recent) add(latency time.Duration, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered++
	if failed {
		return
	}
	if r.latencies == nil {
		r.latencies = Latencies{}
	}
	r.latencies.add(latency)
}

// take is the rate and the latency until now, both to three digits: they are kept
// four times a second. Nil: nothing was loaded, or, of the latency, answered;
// what is too short to be told of is left to the next call.
func (r *recent) take(now time.Time) (perSecond, latencyP99Seconds *float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	loaded := r.loaded
	if !r.began.IsZero() {
		loaded += now.Sub(r.began)
	}
	if loaded < minRecent {
		return nil, nil
	}
	perSecond, latencyP99Seconds = new(threeDigits(float64(r.answered)/loaded.Seconds())), r.latencies.seconds(0.99)
	r.loaded, r.answered, r.latencies = 0, 0, nil
	if !r.began.IsZero() {
		r.began = now
	}
	return perSecond, latencyP99Seconds
}

// Recent is the requests a second that were answered or failed since the last
// call, while a segment was under way, and the 99th percentile of the latencies of
// those answered. Both are nil where none was; without any answer the rate is 0
// and the latency nil. It may be called while a segment is under way, by one
// caller.
func (c *Client) Recent() (perSecond, latencyP99Seconds *float64) { return c.recent.take(time.Now()) }

// threeDigits rounds to three significant digits.
func threeDigits(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return rounded
}
