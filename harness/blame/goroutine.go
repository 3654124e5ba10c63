package blame

import (
	"slices"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// GoroutineOptions bounds what [Goroutines] lists, and holds what it may know
// besides the profiles.
type GoroutineOptions struct {
	Options
	// Stacks is the text of all goroutines' stacks as of the last point, as the
	// runtime writes it; it may be cut off anywhere, and what is beyond 4 MiB is
	// not read. It alone tells where goroutines were created: empty, a site is
	// the function that they run.
	Stacks []byte
	// Leaked is the runtime's profile of leaked goroutines as of the last point;
	// nil where the target has none.
	Leaked *profile.Profile
}

// Goroutines returns the sites whose goroutines became more over the points,
// which hold goroutine profiles and come in the order of their requests. A site
// is where they were created; where that is in the standard library, as with
// sync.WaitGroup.Go, the outermost function that they run outside of it. All
// that [Growth] says of rates, shares and proof holds here, of goroutines; and
// those that the runtime found to be leaked need no further proof.
func Goroutines(points []Point, opts GoroutineOptions) []harness.Blame {
	t := tabulate(points, goroutineColumns)
	creators := parseCreators(opts.Stacks)
	for _, r := range t.rows {
		r.stack = creators.complete(r.stack)
	}
	sites := t.sites(origin)
	leaked := leakedAt(opts.Leaked, creators)
	for _, s := range sites {
		s.leaked = leaked[s.at]
	}
	listed, total := list(sites, t.requests, opts.Slope)
	var blamed []harness.Blame
	for _, s := range limited(listed, opts.Limit) {
		blamed = append(blamed, harness.Blame{
			Function:             s.at.Function,
			File:                 s.at.File,
			Line:                 s.at.Line,
			GrowthGoroutines:     whole(s.growth()),
			GoroutinesPerRequest: s.rate,
			LeakedGoroutines:     s.leaked,
			Share:                s.rate / total,
			Samples:              whole(s.samples),
			Stack:                s.most.stack,
			Fingerprint:          Fingerprint(s.most.stack),
		})
	}
	return blamed
}

// origin is the site of a goroutine's stack: the first frame, from where it was
// created on inwards, that a reader can change.
func origin(stack []harness.Frame) harness.Frame {
	inwards := slices.Clone(stack)
	slices.Reverse(inwards)
	return siteOf(inwards)
}

// leakedAt counts the leaked goroutines of each site.
func leakedAt(p *profile.Profile, creators creators) map[harness.Frame]int64 {
	c := goroutineColumns(p)
	if c == nil {
		return nil
	}
	leaked := make(map[harness.Frame]int64)
	for _, s := range c.Sample {
		if n := s.Value[c.value]; n > 0 {
			leaked[origin(creators.complete(frames(s)))] += n
		}
	}
	return leaked
}
