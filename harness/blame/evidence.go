package blame

import (
	"cmp"
	"math"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// evidence is what a series says of its growth.
type evidence struct {
	// rate is per request: the robust slope, or, where that is blind because the
	// series stands still between steps, the whole growth over all requests.
	rate float64
	// low and high are its 98 % interval; bounded tells that there is one.
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
	e := evidence{rate: growth(values) / span}
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
	return e
}

// maxCandidates bounds the sites that are weighed, those with the largest
// growth: each takes up to 0.1 ms at 60 points, and none behind so many is one
// to begin with.
const maxCandidates = 200

// list weighs the sites and returns those to be blamed: the proven ones by
// rate, and after them, where these leave more than half of a known slope
// unexplained, those that at least only rose. That is what is left at the
// runtime's default sampling rate, where a leak of 1 MiB has two samples. total
// is the growth per request that their shares are of.
func list(sites []*site, requests []float64, slope float64) (listed []*site, total float64) {
	if growth(requests) <= 0 {
		return nil, max(slope, 0)
	}
	sites = slices.DeleteFunc(sites, func(s *site) bool { return s.growth() <= 0 })
	slices.SortFunc(sites, func(a, b *site) int {
		return cmp.Or(cmp.Compare(b.growth(), a.growth()), compareFrames(a.at, b.at))
	})
	grown := 0.0
	var proven, risen []*site
	for i, s := range sites {
		if i >= maxCandidates {
			grown += s.growth() / growth(requests)
			continue
		}
		s.evidence = weigh(requests, s.values, math.Sqrt(s.variance))
		grown += s.rate
		switch {
		case s.proven || s.leaked > 0:
			proven = append(proven, s)
		case s.risen:
			risen = append(risen, s)
		}
	}
	sortByRate(proven)
	sortByRate(risen)
	if slope <= 0 {
		return proven, grown
	}
	if sumOfRates(proven) < slope/2 {
		proven = append(proven, risen...)
	}
	return proven, max(slope, sumOfRates(proven))
}

func sortByRate(sites []*site) {
	slices.SortFunc(sites, func(a, b *site) int {
		return cmp.Or(cmp.Compare(b.rate, a.rate), compareFrames(a.at, b.at))
	})
}

func sumOfRates(sites []*site) float64 {
	sum := 0.0
	for _, s := range sites {
		sum += s.rate
	}
	return sum
}

func compareFrames(a, b harness.Frame) int {
	return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}
