package blame

import (
	"slices"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// put and room are a cache's entries and, in the same function, its map.
var (
	put  = harness.Frame{Function: "shop/cache.(*TTL).Put", File: "/src/shop/cache/ttl.go", Line: 52}
	room = harness.Frame{Function: "shop/cache.(*TTL).Put", File: "/src/shop/cache/ttl.go", Line: 53}
)

// aRun is the requests of a run: a load, two rests, and a flood.
var aRun = []int{0, 300, 600, 900, 1200, 1500, 1500, 1500, 3000, 6000, 12000, 24000}

// sampledAt is profiles over a run at the runtime's own rate, by how many objects of
// 1 KiB, and of 2 MiB, each site has sampled.
func sampledAt(small, large map[harness.Frame][]float64) []Point {
	const rate = 512 << 10
	points := make([]Point, len(aRun))
	for i, requests := range aRun {
		var blocks []block
		for at, series := range small {
			if series[i] > 0 {
				bytes, objects := scaled(series[i], 1<<10, rate)
				blocks = append(blocks, block{bytes, objects, []harness.Frame{at, serve}})
			}
		}
		for at, series := range large {
			if n := int64(series[i]); n > 0 {
				blocks = append(blocks, block{n << 21, n, []harness.Frame{at, serve}})
			}
		}
		points[i] = Point{Requests: requests, Profile: heapProfile(rate, blocks...)}
	}
	return points
}

func functionsOf(sites []harness.Blame) []string {
	var functions []string
	for _, s := range sites {
		functions = append(functions, s.Function)
	}
	return functions
}

func TestWhatIsGivenBackHoldsNoLeak(t *testing.T) {
	leak := []float64{0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 6}
	for name, c := range map[string]struct {
		cache []float64
		want  string
	}{
		"it fell in the rests":            {[]float64{2, 5, 6, 6, 6, 6, 3, 1, 9, 20, 40, 90}, check.Function},
		"it fell under load":              {[]float64{8, 8, 8, 2, 3, 3, 3, 3, 9, 20, 40, 90}, check.Function},
		"it fell after the flood":         {[]float64{1, 1, 1, 1, 1, 1, 1, 1, 9, 40, 90, 20}, check.Function},
		"later it fell by a smaller part": {[]float64{5, 8, 8, 2, 2, 2, 2, 2, 40, 90, 75, 99}, check.Function},
		"it never fell":                   {[]float64{2, 5, 6, 6, 6, 6, 6, 6, 9, 20, 40, 90}, put.Function},
		"three objects went":              {[]float64{0, 0, 3, 0, 0, 0, 0, 0, 9, 20, 40, 90}, check.Function},
		"two objects went":                {[]float64{0, 0, 2, 0, 0, 0, 0, 0, 9, 20, 40, 90}, put.Function},
		"it gave back less than half":     {[]float64{8, 8, 8, 5, 5, 5, 5, 5, 9, 20, 40, 90}, put.Function},
		"more than that outlasted a rest": {[]float64{5, 1, 4, 8, 12, 16, 16, 16, 20, 30, 50, 90}, put.Function},
	} {
		points := sampledAt(map[harness.Frame][]float64{put: c.cache, check: leak}, nil)
		sites, _ := Growth(points, Options{Grows: true})
		if got := functionsOf(sites); len(got) == 0 || got[0] != c.want {
			t.Errorf("%s: %v, want %s first", name, got, c.want)
		} else if c.want == check.Function && (len(got) != 1 || sites[0].Share != 1) {
			t.Errorf("%s: %+v, want the leak alone, with all of the growth", name, sites)
		}
	}
}

// A map keeps the room of what it held.
func TestTheContainersOfWhatIsGivenBackHoldNoLeak(t *testing.T) {
	cache := []float64{2, 5, 6, 6, 6, 6, 3, 1, 9, 20, 40, 90}
	leak := []float64{0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 6}
	grown := []float64{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8}
	for at, want := range map[harness.Frame]int{room: 1, parse: 2} { // in the cache's function, and elsewhere
		points := sampledAt(map[harness.Frame][]float64{put: cache, check: leak}, map[harness.Frame][]float64{at: grown})
		sites, _ := Growth(points, Options{Grows: true})
		if got := functionsOf(sites); len(got) != want || !slices.Contains(got, check.Function) || slices.Contains(got, put.Function) {
			t.Errorf("containers at %s: %v, want %d sites, the leak among them and the cache not", at.Function, got, want)
		}
	}
	// A line that keeps what requests leave is one to read, beside a cache too.
	points := sampledAt(map[harness.Frame][]float64{put: cache, room: leak}, nil)
	if sites, _ := Growth(points, Options{Grows: true}); len(sites) != 1 || sites[0].Line != room.Line {
		t.Errorf("%+v, want the line beside the cache's", sites)
	}
}

// Where no other site leads, a part of what is cached is never given back.
func TestWhatIsGivenBackIsTheLastResort(t *testing.T) {
	points := sampledAt(map[harness.Frame][]float64{
		put:      {2, 5, 6, 6, 6, 6, 3, 1, 9, 20, 40, 90},
		readLine: {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2},
	}, nil)
	sites, _ := Growth(points, Options{Grows: true})
	if len(sites) == 0 || sites[0].Function != put.Function || *sites[0].BytesPerRequestLow > 0 {
		t.Errorf("%+v, want the cache's line, in doubt", sites)
	}
	// The map rose, and its entries came and went: they are the larger part all the same.
	points = sampledAt(map[harness.Frame][]float64{put: {1, 4, 8, 3, 6, 9, 9, 4, 20, 8, 40, 48}},
		map[harness.Frame][]float64{room: {0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 3}})
	sites, _ = Growth(points, Options{Grows: true})
	if len(sites) != 2 || sites[0].Line != put.Line || sites[1].Line != room.Line {
		t.Errorf("%+v, want the entries, then the map", sites)
	}
}

func TestWhatIsGivenBackIsNoneWhereNothingGrows(t *testing.T) {
	points := sampledAt(map[harness.Frame][]float64{put: {2, 5, 6, 6, 6, 6, 3, 1, 9, 20, 40, 90}}, nil)
	if sites, _ := Growth(points, Options{}); slices.Contains(functionsOf(sites), put.Function) {
		t.Errorf("nothing is known to grow: %v, want no cache", functionsOf(sites))
	}
}

func TestWhatTheRuntimeProvedIsNotTransient(t *testing.T) {
	var points []Point
	for i, n := range []int64{9, 9, 1, 4, 8, 12} {
		points = append(points, Point{Requests: 100 * i, Profile: goroutineProfile("goroutine", parked{n, []harness.Frame{gopark, sending}})})
	}
	leakedProfile := goroutineProfile("goroutineleak", parked{4, []harness.Frame{gopark, sending}})
	for want, leaked := range map[int]*profile.Profile{0: nil, 1: leakedProfile} {
		if got := Goroutines(points, GoroutineOptions{Leaked: leaked}); len(got) != want {
			t.Errorf("proved to be leaked: %t: %+v, want %d sites", leaked != nil, got, want)
		}
	}
}
