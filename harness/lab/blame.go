package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/pprof/profile"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/blame"
)

const (
	// maxSites bounds the allocation sites in the record: the first few hold the
	// growth.
	maxSites = 20
	// maxProfiles bounds the profiles that a slope over all rounds rests on.
	maxProfiles = 40
	// enoughSamples is the number of sampled objects that tell a site from noise:
	// the size is then known to ± 40 % (2 ÷ √25). A leak of a few bytes a request has
	// hardly any when its verdict is settled.
	enoughSamples = 25
	// firstSampling is the first of those rounds, in segments.
	firstSampling = 10
	// maxSamplingRounds, each about floodTime long, and samplingTime bound the
	// search for them.
	maxSamplingRounds = 8
	samplingTime      = 10 * time.Second
	// maxNewConnections bounds the new connections of a sampling round: for a minute
	// each holds one of this machine's some 28 000 ephemeral ports.
	maxNewConnections = 2_000
	// explainedEnough is the part of the growth that the profiles should explain.
	explainedEnough = 0.5
	// stacksTime bounds the reading of a leaking target's goroutine stacks.
	stacksTime = 10 * time.Second
)

// profiles are the profiles of one checkpoint.
type profiles struct {
	round    harness.Round
	requests int
	seconds  float64
	liveHeap int64 // bytes
	heap     []byte
	// goroutines is taken where their number has moved, else nil.
	goroutines []byte
}

// takeProfiles takes the heap profile, and that of the goroutines at the first
// checkpoint and where there are more of them.
func (s *subject) takeProfiles(ctx context.Context, goroutines int64) (profiles, error) {
	heap, err := s.gauge.HeapProfile(ctx)
	p := profiles{heap: heap}
	if err == nil && (len(s.profiles) == 0 || goroutines > s.goroutines+1) {
		s.goroutines = goroutines
		p.goroutines, err = s.gauge.GoroutineProfile(ctx)
	}
	return p, err
}

// sampleLeaks lets what leaks grow on, as fast as it can, until the profiles hold
// enough samples to say where. The verdicts are settled.
func (r *run) sampleLeaks(ctx context.Context) {
	if r.plan.FirstVerdict || r.plan.Scenario.Replay == harness.ReplayNever {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, samplingTime)
	defer cancel()
	for range maxSamplingRounds {
		steps := map[*subject]step{}
		for _, s := range r.subjects {
			if !s.ended() && s.verdict.Outcome == harness.Fail && s.verdict.Class == harness.Leak && !r.wellSampled(s) {
				steps[s] = r.samplingStep(s)
			}
		}
		if len(steps) == 0 || ctx.Err() != nil {
			return
		}
		r.note("lets it grow on, to see where it allocates")
		r.barrier(ctx, steps)
	}
}

// samplingStep adds what the growth is paid per: new keys, over new connections
// where it is these, or time.
func (r *run) samplingStep(s *subject) step {
	if s.verdict.Driver == harness.PerTime {
		return step{round: harness.Sampling, pause: floodTime}
	}
	if s.verdict.Driver == harness.PerConnection {
		st := r.newKeys(s, harness.Sampling, maxNewConnections)
		st.reconnect = true
		return st
	}
	if s.flooded == 0 { // its pace is not known yet
		return r.newKeys(s, harness.Sampling, firstSampling*r.plan.Scenario.Load.Segment)
	}
	return r.newKeys(s, harness.Sampling, maxFlood)
}

// telling is the profiles of the rounds that show the growth: all of them, or,
// where it is paid per connection, those since the first new ones.
func (s *subject) telling(v harness.Verdict) []profiles {
	if v.Driver != harness.PerConnection {
		return s.profiles
	}
	first := slices.IndexFunc(s.profiles, func(p profiles) bool { return p.round == harness.Reconnect })
	return s.profiles[max(0, first):]
}

// wellSampled tells whether the first site rests on enough samples.
func (r *run) wellSampled(s *subject) bool {
	heap, err := parse(s.telling(s.verdict), blame.Read, func(p profiles) []byte { return p.heap })
	if err != nil {
		return true // no better with more of them
	}
	sites, _ := blame.Growth(heap, blameOptions(s.verdict, s.telling(s.verdict), 1))
	return len(sites) > 0 && sites[0].Samples >= enoughSamples
}

// slopeOf is the slope of a verdict, zero where it is not above zero for certain.
// That of growth by time is the one over the profiles: the verdict's is of rounds
// whose requests took another time.
func slopeOf(v harness.Verdict, taken []profiles) float64 {
	switch {
	case v.Driver == harness.PerConnection || v.SlopeLow == nil || *v.SlopeLow <= 0:
		return 0
	case v.Driver == harness.PerTime:
		return slopeOver(taken)
	}
	return *v.SlopeBytesPerRequest
}

// slopeOver is what the live heap grew by over the profiles, in bytes a request;
// zero where it did not.
func slopeOver(taken []profiles) float64 {
	if len(taken) == 0 {
		return 0
	}
	first, last := taken[0], taken[len(taken)-1]
	if last.requests <= first.requests {
		return 0
	}
	return max(0, float64(last.liveHeap-first.liveHeap)/float64(last.requests-first.requests))
}

// blameOptions is what a verdict and the profiles' own checkpoints know of the
// growth, and how many sites of it to name.
func blameOptions(v harness.Verdict, taken []profiles, limit int) blame.Options {
	return blame.Options{
		Limit:    limit,
		Slope:    slopeOf(v, taken),
		Grows:    v.Outcome == harness.Fail && v.Class == harness.Leak,
		OverTime: v.Driver == harness.PerTime,
	}
}

// blame is the sites of the growth: those that create goroutines where these
// leak, then those that allocate.
func (r *run) blame(ctx context.Context, s *subject, verdict harness.Verdict) []harness.Blame {
	heap, err := parse(s.telling(verdict), blame.Read, func(p profiles) []byte { return p.heap })
	if err != nil {
		r.warn("no-blame", fmt.Sprintf("%s: %v", s.variant.Name, err))
		return nil
	}
	sites, explained := blame.Growth(heap, blameOptions(verdict, s.telling(verdict), maxSites))
	if explained != nil && *explained < explainedEnough && verdict.Outcome == harness.Fail {
		r.warn("blame-partial", fmt.Sprintf("%s: the heap profiles explain %.0f %% of the growth", s.variant.Name, 100**explained))
	}
	r.warnOfSampling(s, verdict, heap, sites)
	if verdict.Class == harness.Goroutine {
		sites = blame.Rank(r.blameGoroutines(ctx, s, verdict, heap), sites)
	}
	return sites
}

// blameGoroutines is the sites that create the goroutines that never end.
func (r *run) blameGoroutines(ctx context.Context, s *subject, verdict harness.Verdict, heap []blame.Point) []harness.Blame {
	points, err := parse(s.telling(verdict), blame.ReadGoroutines, func(p profiles) []byte { return p.goroutines })
	if err != nil {
		r.warn("no-blame", fmt.Sprintf("%s: %v", s.variant.Name, err))
		return nil
	}
	options := blame.GoroutineOptions{Options: blame.Options{Limit: maxSites, OverTime: verdict.Driver == harness.PerTime}, Heap: heap}
	if verdict.GoroutinesPerRequest != nil && verdict.Driver != harness.PerConnection && verdict.Driver != harness.PerTime {
		options.Slope = *verdict.GoroutinesPerRequest
	}
	if s.deathOf() == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stacksTime)
		defer cancel()
		// Both only add to what the profiles say: without them the site is the
		// goroutine's entry.
		options.Stacks, _ = s.gauge.GoroutineStacks(ctx)
		if leaked, err := s.gauge.GoroutineLeakProfile(ctx); err == nil && leaked != nil {
			options.Leaked, _ = blame.ReadGoroutines(leaked)
		}
	}
	return blame.Goroutines(points, options)
}

// parse reads one kind of a subject's profiles, evenly thinned to maxProfiles.
func parse(taken []profiles, read func([]byte) (*profile.Profile, error), of func(profiles) []byte) ([]blame.Point, error) {
	var have []profiles
	for _, p := range taken {
		if of(p) != nil {
			have = append(have, p)
		}
	}
	count := min(len(have), maxProfiles)
	points := make([]blame.Point, 0, count)
	for i := range count {
		p := have[i*(len(have)-1)/max(1, count-1)]
		parsed, err := read(of(p))
		if err != nil {
			return nil, err
		}
		points = append(points, blame.Point{Requests: p.requests, Seconds: p.seconds, Profile: parsed})
	}
	return points, nil
}
