package blame

import (
	"math"
	"slices"

	"github.com/leaklab/leaklab/harness/trend"
)

// evidence is what a series says of its growth.
type evidence struct {
	// rate is per request: the robust slope, or, where that is blind because the
	// series stands still between steps, the whole growth over all requests.
	rate float64
	// gained is the growth in all: from the first value to the last, or, of a series
	// that swings, what its rate comes to.
	gained float64
	// low and high are the rate's 98 % interval; bounded tells that there is one.
	low, high float64
	bounded   bool
	// proven tells that noise does not explain the growth, risen that the series
	// hardly ever fell.
	proven, risen bool
}

// minRises is how many rises make a series of steps. A clean process has one
// where something is made at its first use, and two by chance; containers that
// grow by copying have three by the time that they have grown fourfold.
const minRises = 3

// maxFall is the part of its rises by which a series of steps may fall: a leak
// gives nothing back, and what fluctuates gives back about all.
const maxFall = 0.25

// weigh finds the evidence in a series whose last value is above its first. The
// values carry an error from sampling, as the standard deviation of the growth.
func weigh(requests, values []float64, deviation float64) evidence {
	span := growth(requests)
	e := evidence{rate: growth(values) / span, gained: growth(values)}
	sampling := trend.Z99 * deviation / span

	points := make([]trend.Point, len(values))
	rises, up, down, largest := 0, 0.0, 0.0, 0.0
	for i, v := range values {
		points[i] = trend.Point{X: requests[i], Y: v}
		if i == 0 {
			continue
		}
		if d := v - values[i-1]; d > 0 {
			rises++
			up += d
			largest = max(largest, d)
		} else {
			down -= d
		}
	}
	e.risen = down <= maxFall*up

	line, ok := trend.TheilSen(points, trend.Z99)
	if !ok {
		// Two profiles: how the growth came about is unknown, that it is there is
		// certain once sampling cannot have made it.
		e.proven = e.rate > sampling
		return e
	}
	e.bounded = true
	if line.Low > 0 {
		e.rate = line.Slope
		e.low = line.Slope - math.Hypot(line.Slope-line.Low, sampling)
		e.high = line.Slope + math.Hypot(line.High-line.Slope, sampling)
		e.proven = true
		return e
	}
	// Of steps, one more or one less may fall into the requests measured.
	margin := math.Hypot(largest/span, sampling)
	e.low, e.high = e.rate-margin, e.rate+margin
	e.proven = rises >= minRises && e.risen && e.low > 0
	if !e.proven {
		e.low = min(e.low, 0) // by which a reader tells a candidate
	}
	return e
}

// swing is the evidence in a series of which nothing is proven and that did not
// only rise. Where few objects are sampled, a container that is copied as it grows
// is in one profile and not in the next, the last one among them: so the growth is
// from the mean of the first half to that of the last, and as uncertain as the
// swings are wide.
func swing(requests, values []float64, deviation float64) evidence {
	half := len(values) / 2
	between := mean(requests[half:]) - mean(requests[:half])
	if half == 0 || between <= 0 {
		return evidence{}
	}
	span := growth(requests)
	margin := math.Hypot((slices.Max(values)-slices.Min(values))/span, trend.Z99*deviation/span)
	rate := (mean(values[half:]) - mean(values[:half])) / between
	return evidence{rate: rate, gained: rate * span, low: min(rate-margin, 0), high: rate + margin, bounded: true}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
