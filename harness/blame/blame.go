// Package blame finds the allocation sites that grew between two heap profiles
// of one process: how many in-use bytes and objects each gained, on which stack,
// and on how many sampled objects that figure rests.
//
// It refuses to collect profiles, to read files or clocks and to say whether
// anything leaks: growth at a site is an allocation that is still in use, not
// the reason why. It stands after the verdict and before the record in the flow.
package blame

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// Options bounds what [Sites] returns. The zero value returns every site that
// grew.
type Options struct {
	// Limit is the largest number of sites returned; 0 is no limit.
	Limit int
}

// Sites returns the allocation sites whose in-use bytes grew from the first
// profile to the last, those that grew most first. Growth is taken by whole
// stack, then added up by site, stacks that shrank included; a site's stack is
// the one that grew most. Shares are of the growth of all sites returned
// without a limit.
//
// requests is the number of requests completed between the profiles; below 1,
// bytes per request are 0. A nil profile, or one without in-use samples, gives
// no sites: without a start or an end there is no growth.
func Sites(first, last *profile.Profile, requests int, opts Options) []harness.Blame {
	before, after := columns(first), columns(last)
	if before == nil || after == nil {
		return nil
	}
	stacks := make(map[string]*growth)
	after.add(stacks, +1)
	before.add(stacks, -1)

	grown := bySite(stacks)
	var total float64
	for _, g := range grown {
		total += float64(g.bytes)
	}
	if opts.Limit > 0 && len(grown) > opts.Limit {
		grown = grown[:opts.Limit]
	}
	sites := make([]harness.Blame, 0, len(grown))
	for _, g := range grown {
		site := siteOf(g.stack)
		b := harness.Blame{
			Function:      site.Function,
			File:          site.File,
			Line:          site.Line,
			GrowthBytes:   g.bytes,
			GrowthObjects: g.objects,
			Share:         float64(g.bytes) / total,
			Samples:       max(0, int64(math.Round(g.samples))),
			Stack:         g.stack,
			Fingerprint:   Fingerprint(g.stack),
		}
		if requests > 0 {
			b.BytesPerRequest = float64(g.bytes) / float64(requests)
		}
		sites = append(sites, b)
	}
	return sites
}

// growth is what one stack, or all stacks of one site, gained.
type growth struct {
	stack          []harness.Frame // leaf first
	bytes, objects int64
	samples        float64 // before scaling
}

// bySite adds up the stacks of each site and returns the sites that grew, the
// largest first. Equal growth is ordered by stack, so that the result does not
// depend on the order of a map.
func bySite(stacks map[string]*growth) []growth {
	ordered := make([]growth, 0, len(stacks))
	for _, g := range stacks {
		ordered = append(ordered, *g)
	}
	slices.SortFunc(ordered, byGrowth)

	index := make(map[harness.Frame]int)
	var sites []growth
	for _, g := range ordered {
		site := siteOf(g.stack)
		i, known := index[site]
		if !known {
			index[site] = len(sites)
			sites = append(sites, g)
			continue
		}
		sites[i].bytes += g.bytes
		sites[i].objects += g.objects
		sites[i].samples += g.samples
	}
	sites = slices.DeleteFunc(sites, func(g growth) bool { return g.bytes <= 0 })
	slices.SortFunc(sites, byGrowth)
	return sites
}

func byGrowth(a, b growth) int {
	return cmp.Or(
		cmp.Compare(b.bytes, a.bytes),
		cmp.Compare(b.objects, a.objects),
		slices.CompareFunc(a.stack, b.stack, func(x, y harness.Frame) int {
			return cmp.Or(cmp.Compare(x.Function, y.Function), cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
		}),
	)
}
