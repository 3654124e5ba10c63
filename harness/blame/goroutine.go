package blame

import (
	"cmp"
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
	// Heap is the heap profiles of the same run, as [Growth] takes them. They tell
	// which call of the application led to goroutines that the standard library
	// creates; empty, their site is in that.
	Heap []Point
	// Leaked is the runtime's profile of leaked goroutines as of the last point;
	// nil where the target has none.
	Leaked *profile.Profile
}

// Goroutines returns the sites whose goroutines became more over the points,
// which hold goroutine profiles and come in the order of their requests. A site
// is where they were created; where that is in the standard library, as with
// sync.WaitGroup.Go, the outermost function that they run outside of it; and where
// there is none, as with the connections of an http.Client, the call outside of it
// that opts.Heap shows to have led there, which then ends the stack. All that [Growth] says of rates, shares and proof holds here, of goroutines; and
// those that the runtime found to be leaked need no further proof.
func Goroutines(points []Point, opts GoroutineOptions) []harness.Blame {
	t := tabulate(points, goroutineColumns, opts.OverTime)
	creators, callers := parseCreators(opts.Stacks), findCallers(opts.Heap)
	complete := func(stack []harness.Frame, goroutines float64) []harness.Frame {
		return callers.complete(creators.complete(stack), goroutines)
	}
	for _, r := range t.rows {
		r.stack = complete(r.stack, growth(r.values))
	}
	sites := t.sites(origin)
	leaked := leakedAt(opts.Leaked, complete)
	for _, s := range sites {
		s.leaked = leaked[s.at]
	}
	listed, total := list(sites, t, opts.Options)
	var blamed []harness.Blame
	for _, s := range limited(listed, opts.Limit) {
		blamed = append(blamed, harness.Blame{
			Function:             s.at.Function,
			File:                 s.at.File,
			Line:                 s.at.Line,
			GrowthGoroutines:     whole(s.gained),
			GoroutinesPerRequest: s.rate,
			LeakedGoroutines:     s.leaked,
			Share:                s.rate / total,
			Samples:              whole(s.samples),
			Stack:                s.most.stack,
			Fingerprint:          fingerprint(s.at),
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
func leakedAt(p *profile.Profile, complete func([]harness.Frame, float64) []harness.Frame) map[harness.Frame]int64 {
	c := goroutineColumns(p)
	if c == nil {
		return nil
	}
	leaked := make(map[harness.Frame]int64)
	for _, s := range c.Sample {
		if n := s.Value[c.value]; n > 0 {
			leaked[origin(complete(frames(s), float64(n)))] += n
		}
	}
	return leaked
}

// Rank is the sites of a leak of goroutines, as [Goroutines] and [Growth] return
// them: first those that start them, then those that allocate; but none whose
// stack is all the standard library's before one that a reader can change.
func Rank(goroutines, allocations []harness.Blame) []harness.Blame {
	ranked := slices.Concat(goroutines, allocations)
	slices.SortStableFunc(ranked, func(a, b harness.Blame) int { return cmp.Compare(outOfReach(a), outOfReach(b)) })
	return ranked
}

// outOfReach is 1 for a site in the standard library, else 0.
func outOfReach(b harness.Blame) int {
	return order(isStandard(harness.Frame{Function: b.Function, File: b.File, Line: b.Line}))
}
