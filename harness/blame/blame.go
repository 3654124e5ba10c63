// Package blame finds what grew in a process: the allocation sites whose in-use
// bytes rose over the heap profiles of a run, and the sites that started the
// goroutines whose number rose over its goroutine profiles. Each comes with a
// rate per request, its interval and its share of the growth.
//
// It refuses to collect profiles, to read files or clocks and to say whether
// anything leaks: growth at a site is an allocation that is still in use, not
// the reason why. It stands after the verdict and before the record in the flow.
package blame

import (
	"math"
	"slices"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// Point is a profile taken after a number of completed requests and a time since
// the load began. Where no request was completed since the point before, the
// process had rested.
type Point struct {
	Requests int
	Seconds  float64
	Profile  *profile.Profile
}

// Options bounds what is listed. The zero value lists every site whose growth
// is proven, with shares of the growth in the profiles.
type Options struct {
	// Limit is the largest number of sites returned; 0 is no limit.
	Limit int
	// Slope is the growth per request that was measured without profiles: bytes
	// of live heap, or goroutines. 0 or below says that none is known, or that
	// there is none.
	Slope float64
	// Grows says that the growth is certain although no slope of it is known, as
	// where it is paid per connection. Like a slope, it lets sites be named whose
	// growth is not proven.
	Grows bool
	// OverTime says that the growth is paid per second and not per request: it is
	// weighed over the seconds of the points. Rates are still per request, those of
	// the points on average, and so is a Slope that they are shares of.
	OverTime bool
}

// Growth returns the allocation sites whose in-use bytes grew over the points,
// which come in the order of their requests: first those that a reader can change
// and that are a notable part of the growth, then the others, each time the proven
// before candidates and the fastest first. A site that gave most of what it had in
// use back holds no leak, however full it is at the last point: it is returned, as a
// candidate, only where no other leads. A site adds up all stacks that it is in,
// those that shrank included; its stack is the one that grew most.
//
// The bytes are those of the profiles, which the runtime has scaled up for
// sampling when it wrote them: nothing here scales them again. What sampling
// leaves uncertain widens the interval: where that reaches down to zero, a site
// rests on too few sampled objects, or too few rises, to be sure of.
//
// Shares are of opts.Slope, or of what the sites returned without a limit grew
// where that is more, so that they add up to at most 1: that sum is explained,
// the part of the growth that the profiles account for. With no slope known,
// shares are of all that grew in the profiles, and explained is nil.
//
// A point without in-use samples counts for nothing; without requests between
// two points there is no growth to tell of.
func Growth(points []Point, opts Options) (sites []harness.Blame, explained *float64) {
	t := tabulate(points, heapColumns, opts.OverTime)
	listed, total := list(t.sites(siteOf), t, opts)
	if opts.Slope > 0 {
		explained = new(sumOfRates(listed) / total)
	}
	for _, s := range limited(listed, opts.Limit) {
		b := harness.Blame{
			Function:        s.at.Function,
			File:            s.at.File,
			Line:            s.at.Line,
			GrowthBytes:     whole(s.gained),
			GrowthObjects:   whole(s.objects),
			BytesPerRequest: s.rate,
			Share:           s.rate / total,
			Samples:         whole(s.samples),
			Stack:           s.most.stack,
			Fingerprint:     fingerprint(s.at),
		}
		if s.bounded {
			b.BytesPerRequestLow, b.BytesPerRequestHigh = &s.low, &s.high
		}
		sites = append(sites, b)
	}
	return sites, explained
}

func limited(sites []*site, limit int) []*site {
	if limit > 0 && len(sites) > limit {
		return sites[:limit]
	}
	return sites
}

// whole is the nearest integer; what no int64 holds, which only a forged
// profile has, is the largest power of two that one does.
func whole(x float64) int64 {
	const most = 1 << 62
	return int64(math.Round(min(max(x, -most), most)))
}

// maxPoints bounds the profiles that are compared: a run of the largest default
// length has 61. Of more, the first, the last and evenly spread ones between.
const maxPoints = 128

// tabulate puts the profiles of the points side by side, over their requests or
// their seconds.
func tabulate(points []Point, find func(*profile.Profile) *columns, overTime bool) *table {
	points = slices.Clone(points)
	points = slices.DeleteFunc(points, func(p Point) bool { return find(p.Profile) == nil })
	if n := len(points); n > maxPoints {
		for i := range maxPoints {
			points[i] = points[i*(n-1)/(maxPoints-1)]
		}
		points = points[:maxPoints]
	}
	t := newTable(len(points))
	for i, p := range points {
		t.requests[i] = float64(p.Requests)
		if i > 0 && p.Requests == points[i-1].Requests {
			t.lastRest = i
		}
		t.add(i, find(p.Profile))
	}
	if overTime {
		t.requests = evenly(points)
	}
	return t
}

// evenly is the requests that would have been completed at each point had they come
// evenly over the time: seconds, scaled to requests.
func evenly(points []Point) []float64 {
	requests := make([]float64, len(points))
	if len(points) == 0 {
		return requests
	}
	first, last := points[0], points[len(points)-1]
	if last.Seconds <= first.Seconds {
		return requests
	}
	perSecond := float64(last.Requests-first.Requests) / (last.Seconds - first.Seconds)
	for i, p := range points {
		requests[i] = (p.Seconds - first.Seconds) * perSecond
	}
	return requests
}
