package blame

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// readLine is where net/http reads what a user's map may keep.
var readLine = harness.Frame{Function: "net/textproto.(*Reader).ReadLine", File: "/usr/local/go/src/net/textproto/reader.go", Line: 45}

// coarse is profiles at the runtime's own rate, a point every 40 requests, and what
// each site has in use at it, in KiB.
func coarse(inUse map[harness.Frame][]int64) []Point {
	return rounds(12, 512<<10, func(round int64) []block {
		var blocks []block
		for at, series := range inUse {
			if n := series[round]; n > 0 {
				blocks = append(blocks, block{n << 10, 1 + n/512, []harness.Frame{at, serve}})
			}
		}
		return blocks
	})
}

func TestTheReadersOwnLineComesFirst(t *testing.T) {
	whole := []int64{0, 512, 1024, 1536, 2048, 2560, 3072, 3584, 4096, 4608, 5120, 5632, 6144}
	for name, c := range map[string]struct {
		check []int64
		want  []harness.Frame
	}{
		"proven, though it grew by less": {[]int64{0, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2304, 2560, 2816, 3072}, []harness.Frame{check, readLine}},
		"too few rises to be proven":     {[]int64{0, 0, 0, 0, 0, 2048, 2048, 2048, 2048, 2048, 2048, 4096, 4096}, []harness.Frame{check, readLine}},
		"a map that is copied":           {[]int64{0, 0, 0, 1576, 1576, 2102, 2102, 525, 525, 5254, 5780, 5254, 7356}, []harness.Frame{check, readLine}},
		"the copy not in the last":       {[]int64{0, 0, 0, 1576, 1576, 0, 2102, 0, 525, 5254, 5780, 5254, 0}, []harness.Frame{check, readLine}},
		"proven, but next to nothing":    {[]int64{0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96}, []harness.Frame{readLine, check}},
		"in doubt and next to nothing":   {[]int64{0, 0, 0, 0, 0, 0, 0, 0, 64, 64, 64, 64, 64}, []harness.Frame{readLine}},
		"comes and goes":                 {[]int64{514, 0, 514, 514, 0, 514, 514, 0, 514, 0, 0, 514, 0}, []harness.Frame{readLine}},
	} {
		const slope = 12 << 10
		points := coarse(map[harness.Frame][]int64{readLine: whole, check: c.check})
		sites, explained := Growth(points, Options{Slope: slope})
		var got []harness.Frame
		shares := 0.0
		for _, s := range sites {
			got = append(got, harness.Frame{Function: s.Function, File: s.File, Line: s.Line})
			shares += s.Share
			if s.GrowthBytes <= 0 || *s.BytesPerRequestLow > s.BytesPerRequest || *s.BytesPerRequestHigh < s.BytesPerRequest {
				t.Errorf("%s: %+v, want growth with an interval around its rate", name, s)
			}
		}
		if len(got) != len(c.want) || got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1] {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if shares > 1.001 || explained == nil || *explained < shares-0.001 || *explained > shares+0.001 {
			t.Errorf("%s: shares of %v in all, explained %v", name, shares, explained)
		}
	}
}

// What is replaced as it grows is in few profiles, and in no more objects at last
// than at first.
func TestSwingingSitesAreTheLastResort(t *testing.T) {
	replaced := []int64{0, 0, 532, 0, 0, 0, 549, 0, 553, 557, 0, 641, 0}
	points := coarse(map[harness.Frame][]int64{check: replaced, clone: replaced})
	sites, _ := Growth(points, Options{Slope: 500})
	if len(sites) != 1 || sites[0].Function != check.Function || *sites[0].BytesPerRequestLow > 0 || sites[0].GrowthBytes <= 0 {
		t.Errorf("%+v, want the line that a reader can change, in doubt", sites)
	}
	if sites, _ := Growth(points, Options{}); len(sites) != 0 {
		t.Errorf("nothing is known to grow: %+v, want no site", sites)
	}
	risen := []int64{0, 0, 0, 0, 0, 0, 0, 0, 0, 600, 600, 600, 600}
	sites, _ = Growth(coarse(map[harness.Frame][]int64{check: replaced, parse: risen}), Options{Slope: 500})
	if len(sites) != 1 || sites[0].Function != parse.Function {
		t.Errorf("%+v, want only the site that rose", sites)
	}
	for _, p := range points {
		p.Profile.Period = 1
	}
	if sites, _ := Growth(points, Options{Slope: 500}); len(sites) != 0 {
		t.Errorf("all objects sampled: %+v, want no site, for nothing grew", sites)
	}
}

// Growth that is paid per connection has no slope.
func TestGrowthWithoutASlopeHasCandidates(t *testing.T) {
	points := coarse(map[harness.Frame][]int64{
		check: {0, 0, 0, 0, 0, 0, 0, 512, 512, 512, 1024, 1024, 1024},
		parse: {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 600},
	})
	sites, explained := Growth(points, Options{Grows: true})
	if len(sites) != 2 || sites[0].Function != check.Function || sites[0].Share+sites[1].Share != 1 || explained != nil {
		t.Errorf("explained %v by %+v, want both sites, the faster first", explained, sites)
	}
	if sites, _ := Growth(points, Options{}); len(sites) != 0 {
		t.Errorf("nothing is known to grow: %+v, want no site", sites)
	}
}

func TestProofComesBeforeSpeed(t *testing.T) {
	points := coarse(map[harness.Frame][]int64{
		check: {0, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2304, 2560, 2816, 3072},
		parse: {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4096, 4096, 4096},
	})
	sites, _ := Growth(points, Options{Slope: 16 << 10})
	if len(sites) != 2 || sites[0].Function != check.Function || sites[1].BytesPerRequest <= sites[0].BytesPerRequest {
		t.Errorf("%+v, want the proven site before the candidate, which grew faster", sites)
	}
}
