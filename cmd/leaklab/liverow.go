package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
)

// liveRow is the line of a variant: where it stands, and its live heap at the
// checkpoints so far.
type liveRow struct {
	standing lab.Standing
	heap     []float64 // bytes, at every n-th checkpoint
	every    int
	seen     int
}

// maxHeap bounds the readings that a row keeps; past it, every second goes, and
// of those to come as well.
const maxHeap = 512

func (r *liveRow) take(s lab.Standing) {
	r.standing = s
	if s.LiveHeapBytes == 0 {
		return // not read yet
	}
	r.every = max(1, r.every)
	if r.seen++; (r.seen-1)%r.every != 0 {
		return
	}
	if r.heap = append(r.heap, float64(s.LiveHeapBytes)); len(r.heap) == maxHeap {
		for i := range maxHeap / 2 {
			r.heap[i] = r.heap[2*i]
		}
		r.heap = r.heap[:maxHeap/2]
		r.every *= 2
	}
}

func (r *liveRow) body(c columns) string {
	heap := "–"
	if r.standing.LiveHeapBytes > 0 {
		heap = harness.Bytes(r.standing.LiveHeapBytes).String()
	}
	return fmt.Sprintf("  %-*s  %s %*s  %-*s  ", c.name, clip(r.standing.Name, c.name), sparkline(r.heap, c.spark),
		heapColumn, heap, estimateColumn, estimate(r.standing.Verdict))
}

// stateOf is a settled verdict, or what one waits for.
func stateOf(s lab.Standing, left timeLeft) string {
	switch s.Next {
	case "":
		return verdictWord(s.Verdict)
	case harness.Fresh:
		return left.String()
	case harness.Replay:
		return "sends the same again"
	case harness.Reconnect:
		return "tries new connections"
	case harness.Idle, harness.Rest:
		return "watches it rest"
	case harness.Flood:
		return "floods with new keys"
	}
	return string(s.Next)
}

func toneCode(o harness.Outcome) string {
	return map[harness.Outcome]string{harness.Pass: "32", harness.Fail: "31", harness.Inconclusive: "33"}[o]
}

// flatBytes is the least range that fills the height of a sparkline: below it are
// the runtime's own ups and downs, which would look like a leak.
const flatBytes = 16 << 10

// sparkline draws values in a width, the oldest first, each column the last of
// the values that fall into it.
func sparkline(values []float64, width int) string {
	const bars = "▁▂▃▄▅▆▇█"
	levels := []rune(bars)
	if len(values) == 0 {
		return strings.Repeat(" ", width)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	scale := max(high-low, flatBytes)
	n := min(width, len(values))
	var b strings.Builder
	for i := range n {
		v := values[(i+1)*len(values)/n-1]
		b.WriteRune(levels[int((v-low)/scale*float64(len(levels)-1)+0.5)])
	}
	return b.String() + strings.Repeat(" ", width-n)
}

// pace is how fast a run goes, by the times of its segments.
type pace struct {
	began, last   time.Time
	from, segment int
}

func (p *pace) take(now lab.Progress, at time.Time) {
	if len(now.Variants) == 0 {
		return
	}
	if p.began.IsZero() {
		p.began, p.from = at, now.Segment
	}
	p.last, p.segment = at, now.Segment
}

// rateOf is the requests a second to all variants together, without the time of
// their checkpoints.
func rateOf(variants []lab.Standing) float64 {
	sum := 0.0
	for _, v := range variants {
		sum += v.RatePerSecond
	}
	return sum
}

// left is how long it takes from a time on until most verdicts are settled, or at
// most where that was not enough.
func (p *pace) left(now lab.Progress, at time.Time) timeLeft {
	if p.segment == p.from {
		return timeLeft{}
	}
	each := p.last.Sub(p.began) / time.Duration(p.segment-p.from)
	total := settleSegments(now)
	return timeLeft{
		known:   true,
		atMost:  total > usualSegments(now),
		seconds: max(1, int(math.Round((time.Duration(total-p.segment)*each - at.Sub(p.last)).Seconds()))),
	}
}

// usualSegments is the number in which most runs settle: an acquittal needs three
// times the fewest.
func usualSegments(now lab.Progress) int { return min(3*now.Min, now.Max) }

// settleSegments is the number of segments that a run is expected to need: the
// usual one, or the most once it took more.
func settleSegments(now lab.Progress) int {
	if usual := usualSegments(now); now.Segment <= usual {
		return usual
	}
	return now.Max
}

// timeLeft is a time until a verdict is certain.
type timeLeft struct {
	known, atMost bool
	seconds       int
}

func (t timeLeft) String() string {
	switch {
	case !t.known:
		return "measuring"
	case t.atMost:
		return fmt.Sprintf("at most %d s more", t.seconds)
	}
	return fmt.Sprintf("certain in about %d s", t.seconds)
}
