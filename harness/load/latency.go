package load

import (
	"maps"
	"math"
	"slices"
	"time"
)

// Latencies counts latencies rounded to three significant digits, as many as a
// report prints: quantiles are exact to those digits however few or many
// requests there are, two of them add up, and there are 900 entries a decade at
// most.
//
// Note: the t-digest that vegeta brings is smaller and interpolates, so that the
// p99 of 40 requests is a latency that none of them had.
type Latencies map[time.Duration]int

// Quantile is the smallest latency that at least the part q of all requests does
// not exceed, 0 ≤ q ≤ 1; 0 where there are none.
func (l Latencies) Quantile(q float64) time.Duration {
	total := 0
	for _, n := range l {
		total += n
	}
	rank := max(1, int(math.Ceil(q*float64(total))))
	for _, latency := range slices.Sorted(maps.Keys(l)) {
		if rank -= l[latency]; rank <= 0 {
			return latency
		}
	}
	return 0
}

// seconds is the quantile in seconds, or nil where there are no latencies.
func (l Latencies) seconds(q float64) *float64 {
	if len(l) == 0 {
		return nil
	}
	s := l.Quantile(q).Seconds()
	return &s
}

func (l Latencies) add(latency time.Duration) { l[roundDigits(latency)]++ }

// roundDigits rounds to three significant digits.
func roundDigits(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
