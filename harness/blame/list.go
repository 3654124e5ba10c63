package blame

import (
	"cmp"
	"math"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

const (
	// maxWeighed bounds the sites that are weighed, those with the largest growth:
	// each takes up to 0.1 ms at 60 points, and none behind so many is one to begin
	// with.
	maxWeighed = 200
	// notable is the part of the growth from which on a site that a reader can
	// change comes before all that he cannot: a leak is known by no smaller ones.
	notable = 0.1
)

// list weighs the sites and returns those to be blamed: the proven ones and, where
// the growth is certain and these do not tell of it, [candidates]. total is the
// growth per request that their shares are of.
//
// First come the sites that lead: what the standard library allocated on its own,
// such as the URL of a request, stays because a line of the application keeps it,
// and that is the one to read. Then the proven ones, then the fastest.
func list(sites []*site, t *table, opts Options) (listed []*site, total float64) {
	slope := max(opts.Slope, 0)
	span := growth(t.requests)
	if span <= 0 {
		return nil, slope
	}
	slices.SortFunc(sites, func(a, b *site) int {
		return cmp.Or(cmp.Compare(b.growth(), a.growth()), compareFrames(a.at, b.at))
	})
	markTransient(sites, t)
	var rest, transient []*site
	for i, s := range sites {
		if i < maxWeighed && s.growth() > 0 {
			s.evidence = weigh(t.requests, s.values, math.Sqrt(s.variance))
		} else {
			s.evidence = evidence{rate: max(0, s.growth()) / span}
		}
		if s.transient && s.leaked == 0 {
			transient = append(transient, s)
			continue
		}
		total += s.rate
		if s.certain() {
			listed = append(listed, s)
		} else {
			rest = append(rest, s)
		}
	}
	if slope > 0 {
		total = slope
	}
	if slope > 0 || opts.Grows {
		listed = append(listed, candidates(listed, rest, t, total)...)
		if !slices.ContainsFunc(listed, func(s *site) bool { return s.leads(total) }) {
			listed = append(listed, candidates(listed, recalled(transient), t, total)...)
		}
	}
	total = max(total, sumOfRates(listed))
	slices.SortFunc(listed, func(a, b *site) int {
		return cmp.Or(
			cmp.Compare(order(!a.leads(total)), order(!b.leads(total))),
			cmp.Compare(order(!a.certain()), order(!b.certain())),
			cmp.Compare(b.rate, a.rate), compareFrames(a.at, b.at))
	})
	return listed, total
}

// candidates are the sites that may be to blame for growth that the proven ones do
// not tell of, at the runtime's own sampling rate above all, where a leak of 1 MiB
// has two samples. Where the proven ones leave half of it unexplained, they are all
// that at least only rose; where none of those leads, those of them that do. If
// there are none either, they are the ones that swing and would lead.
func candidates(proven, rest []*site, t *table, total float64) []*site {
	explained := sumOfRates(proven) >= total/2
	leads := func(s *site) bool { return s.leads(total) }
	led := slices.ContainsFunc(proven, leads)
	if explained && led {
		return nil
	}
	var risen, swinging []*site
	for _, s := range rest {
		if s.risen && (!explained || s.leads(total)) {
			risen = append(risen, s)
		}
	}
	if led || slices.ContainsFunc(risen, leads) || t.rate <= 1 { // all are sampled: what swings is not what leaks
		return risen
	}
	for _, s := range rest {
		if s.risen {
			continue
		}
		s.evidence = swing(t.requests, s.values, math.Sqrt(s.variance))
		if s.rate > 0 && s.leads(total) {
			swinging = append(swinging, s)
		}
	}
	return append(risen, swinging...)
}

// leads tells whether a site is a line that a reader can change and holds a notable
// part of the growth.
func (s *site) leads(total float64) bool { return !isStandard(s.at) && s.rate >= notable*total }

// certain tells whether a site needs no further proof.
func (s *site) certain() bool { return s.proven || s.leaked > 0 }

// order puts false before true.
func order(last bool) int {
	if last {
		return 1
	}
	return 0
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
