package blame

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// block is in-use memory on a stack; the stack is written leaf first.
type block struct {
	bytes, objects int64
	stack          []harness.Frame
}

var (
	check     = harness.Frame{Function: "shop/fraud.(*Handler).check", File: "/src/shop/fraud/check.go", Line: 71}
	serve     = harness.Frame{Function: "net/http.(*conn).serve", File: "/usr/local/go/src/net/http/server.go", Line: 2051}
	parse     = harness.Frame{Function: "shop/fraud.parse", File: "/src/shop/fraud/parse.go", Line: 12}
	clone     = harness.Frame{Function: "strings.Clone", File: "strings/clone.go", Line: 25}
	growMap   = harness.Frame{Function: "internal/runtime/maps.newTable", File: "internal/runtime/maps/table.go", Line: 86}
	unsafeNew = harness.Frame{Function: "reflect.unsafe_New", File: "/usr/local/go/src/runtime/malloc.go", Line: 2178}
	malg      = harness.Frame{Function: "runtime.malg", File: "/usr/local/go/src/runtime/proc.go", Line: 5000}
)

// heapProfile writes a profile as the runtime does, one location a frame.
func heapProfile(rate int64, blocks ...block) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"},
			{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"},
		},
		PeriodType: &profile.ValueType{Type: "space", Unit: "bytes"},
		Period:     rate,
	}
	for _, b := range blocks {
		s := addSample(p, b.stack, 0, 0, b.objects, b.bytes)
		if b.objects > 0 {
			s.NumLabel = map[string][]int64{"bytes": {b.bytes / b.objects}}
		}
	}
	return p
}

// addSample adds a sample, with the locations that the profile already has.
func addSample(p *profile.Profile, stack []harness.Frame, values ...int64) *profile.Sample {
	s := &profile.Sample{Value: values}
	for _, f := range stack {
		i := slices.IndexFunc(p.Location, func(l *profile.Location) bool {
			at := l.Line[0]
			return at.Line == int64(f.Line) && at.Function.Name == f.Function && at.Function.Filename == f.File
		})
		if i < 0 {
			i = len(p.Location)
			id := uint64(i + 1)
			fn := &profile.Function{ID: id, Name: f.Function, Filename: f.File}
			p.Function = append(p.Function, fn)
			p.Location = append(p.Location, &profile.Location{ID: id, Line: []profile.Line{{Function: fn, Line: int64(f.Line)}}})
		}
		s.Location = append(s.Location, p.Location[i])
	}
	p.Sample = append(p.Sample, s)
	return s
}

// rounds is a point every 40 requests, the first at none, with what is in use
// after each round.
func rounds(n int, rate int64, inUse func(round int64) []block) []Point {
	points := make([]Point, n+1)
	for i := range points {
		points[i] = Point{Requests: 40 * i, Profile: heapProfile(rate, inUse(int64(i))...)}
	}
	return points
}

func TestGrowthAddsUpTheStacksOfASite(t *testing.T) {
	viaMap := []harness.Frame{growMap, check, serve}
	direct := []harness.Frame{check, serve}
	other := []harness.Frame{clone, parse, check, serve}
	points := rounds(10, 1, func(round int64) []block {
		return []block{
			{1000 - 20*round, 100 - 2*round, direct},                           // shrinks
			{1000 + 400*round, 10 + 4*round, viaMap}, {100 * round, 1, viaMap}, // two sizes on one stack
			{160 * round, 10 * round, other},
		}
	})
	got, explained := Growth(points, Options{})
	want := []harness.Blame{
		{
			Function: check.Function, File: check.File, Line: check.Line,
			GrowthBytes: 4800, GrowthObjects: 21, BytesPerRequest: 12, Share: 0.75, Samples: 61,
			BytesPerRequestLow: new(12.0), BytesPerRequestHigh: new(12.0),
			Stack: viaMap, Fingerprint: fingerprint(check),
		},
		{
			Function: parse.Function, File: parse.File, Line: parse.Line,
			GrowthBytes: 1600, GrowthObjects: 100, BytesPerRequest: 4, Share: 0.25, Samples: 100,
			BytesPerRequestLow: new(4.0), BytesPerRequestHigh: new(4.0),
			Stack: other, Fingerprint: fingerprint(parse),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || explained != nil {
		t.Errorf("explained %v, sites (-want +got):\n%s", explained, diff)
	}
	limited, _ := Growth(points, Options{Limit: 1})
	if diff := cmp.Diff(want[:1], limited); diff != "" {
		t.Errorf("with a limit, shares are still of all growth (-want +got):\n%s", diff)
	}
}

func TestSharesAreOfTheMeasuredSlope(t *testing.T) {
	points := rounds(8, 1, func(round int64) []block {
		return []block{{1200 * round, 12 * round, []harness.Frame{check}}, {400 * round, 4 * round, []harness.Frame{parse}}}
	})
	for _, c := range []struct{ slope, first, second, explained float64 }{
		{80, 30. / 80, 10. / 80, 0.5}, // the live heap grows by more than the profiles hold
		{20, 0.75, 0.25, 1},           // by less, with the errors of both
	} {
		sites, explained := Growth(points, Options{Slope: c.slope, Limit: 2})
		if len(sites) != 2 || sites[0].Share != c.first || sites[1].Share != c.second || explained == nil || *explained != c.explained {
			t.Errorf("slope %v: explained %v by %+v, want %+v", c.slope, explained, sites, c)
		}
	}
	if sites, explained := Growth(points[:1], Options{Slope: 1}); sites != nil || explained == nil || *explained != 0 {
		t.Errorf("one profile: %v and %v, want no site, 0 explained", sites, explained)
	}
}

// A ticker adds 100 KiB a second, and nearly all requests come in the last two.
func TestGrowthByTimeIsSharedOverTime(t *testing.T) {
	const perSecond, seconds = 100 << 10, 20
	var points []Point
	requests := 0
	for second := range int64(seconds + 1) {
		switch {
		case second > seconds-2:
			requests += 30_000
		case second <= 10: // then it rests
			requests += 300
		}
		points = append(points, Point{Requests: requests, Seconds: 2 + float64(second), Profile: heapProfile(1,
			block{perSecond * second, 100 * second, []harness.Frame{check, serve}})})
	}
	options := Options{Slope: seconds * perSecond / float64(requests-300), OverTime: true}
	sites, explained := Growth(points, options)
	if len(sites) != 1 || sites[0].Share < 0.99 || *sites[0].BytesPerRequestLow < 0.99*options.Slope || *explained < 0.99 {
		t.Errorf("%+v, explained %v, want all of the growth at the ticker's line", sites, *explained)
	}
	points[len(points)-1].Seconds = 2 // a clock that says nothing
	if sites, _ := Growth(points, options); len(sites) != 0 {
		t.Errorf("no time has passed: %+v, want no site", sites)
	}
}

func TestContainersRankByTheirWholeGrowth(t *testing.T) {
	// A slice of 128 B a request that doubles when it is full, what it was copied
	// from being free then, and 64 B a request beside it.
	points := rounds(24, 4096, func(round int64) []block {
		capacity := int64(16 << 10)
		for capacity < 128*40*round {
			capacity *= 2
		}
		return []block{{capacity, 1, []harness.Frame{check}}, {64 * 40 * round, 40 * round, []harness.Frame{parse}}}
	})
	sites, _ := Growth(points, Options{})
	if len(sites) != 2 || sites[0].Function != check.Function {
		t.Fatalf("got %+v, want the slice first", sites)
	}
	if s := sites[0]; s.GrowthBytes != 112<<10 || s.GrowthObjects != 0 || s.Samples != 2 || *s.BytesPerRequestLow <= 0 {
		t.Errorf("the slice: %+v, want 112 KiB more in as many objects, for certain", s)
	}
}

func TestACleanProcessHasNoSites(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	const sites, runs = 30, 20
	listed := 0
	for range runs {
		points := rounds(12, 4096, func(round int64) []block {
			used := []block{{4096 * min(round, 1), min(round, 1), []harness.Frame{malg}}} // made once
			for line := range sites {
				n := 30 + random.Int64N(10)
				used = append(used, block{64 * n, n, []harness.Frame{{Function: "shop.pool", Line: line}}})
			}
			return used
		})
		got, _ := Growth(points, Options{})
		listed += len(got)
	}
	if share := float64(listed) / (sites * runs); share > 0.02 {
		t.Errorf("listed %d of %d steady sites, want at most 2 %%", listed, sites*runs)
	}
}

// At the runtime's default rate a small leak has few samples: it is not proven,
// but where the live heap is known to grow it is the best there is.
func TestFewSamples(t *testing.T) {
	const rate = 512 << 10
	bytes, objects := scaled(1, 64, rate)
	points := rounds(20, rate, func(round int64) []block {
		return []block{{bytes * (round / 8), objects * (round / 8), []harness.Frame{check}}}
	})
	if sites, _ := Growth(points, Options{}); len(sites) != 0 {
		t.Errorf("two samples and no known growth: %+v, want no site", sites)
	}
	sites, explained := Growth(points, Options{Slope: 1600})
	if len(sites) != 1 || sites[0].Samples != 2 || *sites[0].BytesPerRequestLow > 0 {
		t.Errorf("two samples and a growing heap: %+v, want the site, in doubt", sites)
	}
	if explained == nil || *explained < 0.8 {
		t.Errorf("explained %v, want most", explained)
	}
}

func TestTwoProfiles(t *testing.T) {
	last := heapProfile(4096, block{64 * 400, 400, []harness.Frame{check}}, block{64 * 64, 64, []harness.Frame{parse}})
	got := between(heapProfile(4096), last, 100)
	if len(got) != 1 || got[0].Function != check.Function || got[0].BytesPerRequest != 256 || got[0].BytesPerRequestLow != nil {
		t.Errorf("got %+v, want the site with six samples, without an interval, and not that with one", got)
	}
}

func TestGrowthNeedsTwoProfilesAndRequests(t *testing.T) {
	none, some := heapProfile(1), heapProfile(1, block{100, 1, []harness.Frame{check}})
	cpu := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu"}}}
	for name, points := range map[string][]Point{
		"nothing":     nil,
		"one":         {{Profile: some}},
		"no first":    {{Profile: nil}, {Requests: 1, Profile: some}},
		"no last":     {{Profile: none}, {Requests: 1, Profile: nil}},
		"cpu profile": {{Profile: cpu}, {Requests: 1, Profile: some}},
		"no growth":   {{Profile: some}, {Requests: 1, Profile: some}},
		"no requests": {{Requests: 7, Profile: none}, {Requests: 7, Profile: some}},
	} {
		if got, _ := Growth(points, Options{}); len(got) != 0 {
			t.Errorf("%s: got %v, want no site", name, got)
		}
	}
	if got, _ := Growth([]Point{{Profile: none}, {Requests: 1, Profile: cpu}, {Requests: 2, Profile: some}}, Options{}); len(got) != 1 {
		t.Errorf("a profile of something else between: %v, want one site", got)
	}
}

func TestManyProfilesAreThinned(t *testing.T) {
	points := rounds(1000, 1, func(round int64) []block { return []block{{80 * round, 10 * round, []harness.Frame{check}}} })
	sites, _ := Growth(points, Options{})
	if len(sites) != 1 || sites[0].GrowthBytes != 80*1000 || sites[0].BytesPerRequest != 2 {
		t.Errorf("got %+v, want the growth from the first to the last", sites)
	}
	if table := tabulate(points, heapColumns, false); len(table.requests) != maxPoints {
		t.Errorf("%d profiles compared, want %d", len(table.requests), maxPoints)
	}
}

func TestInlinedCallsAreExpanded(t *testing.T) {
	last := heapProfile(1, block{100, 1, []harness.Frame{parse, check}})
	inner := last.Location[0]
	inner.Line = append(inner.Line, last.Location[1].Line...) // parse inlined into check
	last.Sample[0].Location = []*profile.Location{inner, {ID: 9, Address: 0x4f2a}}
	got := between(heapProfile(1), last, 1)
	want := []harness.Frame{parse, check, {Function: "0x4f2a"}}
	if diff := cmp.Diff(want, got[0].Stack); diff != "" {
		t.Errorf("stack (-want +got):\n%s", diff)
	}
}

// scaled is what the runtime writes for n sampled objects of a size.
func scaled(n, size, rate float64) (bytes, objects int64) {
	scale := n / (1 - math.Exp(-size/rate))
	return int64(scale * size), int64(scale)
}

func TestSamplesUndoTheRuntimesScaling(t *testing.T) {
	for _, size := range []float64{16, 64, 1024, 4096, 1 << 20} {
		bytes, objects := scaled(120, size, 4096)
		last := heapProfile(4096, block{bytes, objects, []harness.Frame{check}})
		unlabelled := heapProfile(4096, block{bytes, objects, []harness.Frame{check}})
		unlabelled.Sample[0].NumLabel = nil
		for _, p := range []*profile.Profile{last, unlabelled} {
			got := between(heapProfile(4096), p, 1)[0].Samples
			if got < 119 || got > 121 {
				t.Errorf("objects of %v bytes: %d samples, want 120", size, got)
			}
		}
	}
}

// The interval must hold the true rate as often as it says, which sampling
// alone makes uncertain here.
func TestIntervalsCoverWhatSamplingHides(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const size, perRound, trials = 64, 160, 400
	missed := 0
	for range trials {
		kept := int64(0)
		points := rounds(20, 4096, func(int64) []block {
			for range perRound {
				if random.Float64() < -math.Expm1(-size/4096.) {
					kept++
				}
			}
			bytes, objects := scaled(float64(kept), size, 4096)
			return []block{{bytes, objects, []harness.Frame{check}}}
		})
		sites, _ := Growth(points, Options{})
		const truth = size * perRound / 40.
		if len(sites) != 1 || *sites[0].BytesPerRequestLow > truth || *sites[0].BytesPerRequestHigh < truth {
			missed++
		}
	}
	if share := float64(missed) / trials; share > 0.04 {
		t.Errorf("%d of %d intervals without the true rate, want about 2 %%", missed, trials)
	}
}

var sink [][]byte

//go:noinline
func retain(n int) {
	for range n {
		sink = append(sink, make([]byte, 1024))
	}
}

//go:noinline
func retainText(n int) {
	for range n {
		var b strings.Builder
		b.Grow(512) // allocates in the runtime, under another package's name
		b.WriteByte('x')
		texts = append(texts, b.String())
	}
}

var texts []string

// TestThisProcess reads real profiles, written by this runtime.
func TestThisProcess(t *testing.T) {
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 1
	t.Cleanup(func() { runtime.MemProfileRate, sink, texts = rate, nil, nil })

	points := []Point{{Profile: readOwn(t)}}
	for round := range 6 {
		retain(200)
		retainText(100)
		points = append(points, Point{Requests: 200 * (round + 1), Profile: readOwn(t)})
	}
	sites, explained := Growth(points, Options{Slope: 1024 + 256})
	if explained == nil || *explained < 0.95 {
		t.Errorf("explained %v, want nearly all", explained)
	}
	for function, least := range map[string]float64{"blame.retain": 1024, "blame.retainText": 256} {
		i := slices.IndexFunc(sites, func(b harness.Blame) bool { return strings.HasSuffix(b.Function, function) })
		if i < 0 {
			t.Errorf("%s is not among %+v", function, sites)
			continue
		}
		s := sites[i]
		if !strings.HasSuffix(s.File, "blame_test.go") || s.BytesPerRequest < least || s.BytesPerRequest > 1.2*least || *s.BytesPerRequestLow < 0.8*least || s.Samples < 600 {
			t.Errorf("%s: %+v, want %v B a request and what the list of them takes", function, s, least)
		}
	}
}

func readOwn(t *testing.T) *profile.Profile {
	t.Helper()
	runtime.GC()
	var b bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&b, 0); err != nil {
		t.Fatal(err)
	}
	p, err := Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// BenchmarkGrowth is a run of the largest default length: 61 profiles of 300
// stacks, 20 frames deep, all growing. Stacks share their callers.
func BenchmarkGrowth(b *testing.B) {
	points := rounds(60, 4096, func(round int64) []block {
		blocks := make([]block, 300)
		for i := range blocks {
			stack := make([]harness.Frame, 20)
			for depth := range stack {
				line := 1000 * depth
				if depth < 3 {
					line += i
				} else {
					line += i / 30
				}
				stack[depth] = harness.Frame{Function: "example.com/shop/store.(*Cache).Put", File: "/src/shop/store/cache.go", Line: line}
			}
			n := int64(i) + round
			blocks[i] = block{64 * n, n, stack}
		}
		return blocks
	})
	b.ReportAllocs()
	for b.Loop() {
		if sites, _ := Growth(points, Options{Limit: 20}); len(sites) != 20 {
			b.Fatalf("%d sites, want 20", len(sites))
		}
	}
}

// between is the growth from one profile to another.
func between(first, last *profile.Profile, requests int) []harness.Blame {
	sites, _ := Growth([]Point{{Profile: first}, {Requests: requests, Profile: last}}, Options{})
	return sites
}
