package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// maxSites is how many allocation sites of a variant are named: the first holds
// nearly all of a leak, the rest is for who wonders what else grew.
const maxSites = 3

// site is where something that grew is allocated, in words.
type site struct {
	where    string // file and line
	url      string // of that line; empty where it is not known
	function string
	share    string // of the growth
	samples  string // sampled objects that the share rests on
}

func newSite(b harness.Blame, e harness.Environment, o Options) site {
	at := placeOf(b.File, b.Line, e)
	return site{
		where:    at.String(),
		url:      at.url(o),
		function: shortFunction(b.Function),
		share:    percent(b.Share),
		samples:  harness.FormatCount(float64(b.Samples)),
	}
}

func (s site) String() string { return s.where + "  " + s.function + "  " + s.evidence() }

// evidence is how much of the growth the site has, and by how many samples.
func (s site) evidence() string {
	return fmt.Sprintf("%s of the growth, sampled objects: %s", s.share, s.samples)
}

// siteGrid has the sites that grew most in each variant, clean ones too: there
// they say what the noise is made of.
func siteGrid(r harness.Record, o Options) grid {
	g := grid{header: []string{"variant", "allocated at", "function", "growth", axisOf(r).each(), "share", "samples", "fingerprint"}}
	for _, v := range r.Variants {
		for _, b := range v.Blame[:min(maxSites, len(v.Blame))] {
			s := newSite(b, r.Environment, o)
			g.add(plain,
				safe(v.Name), s.where, s.function,
				bytesOf(b.GrowthBytes), bytesOf(b.BytesPerRequest), s.share,
				s.samples, safe(b.Fingerprint),
			)
			g.urls = append(g.urls, s.url)
		}
	}
	return g
}

// shortFunction is a function's name without the directories of its package:
// fraudcheck.(*Handler).check.
func shortFunction(name string) string {
	if name == "" {
		return unknown
	}
	end := len(name)
	if i := strings.IndexAny(name, "[("); i >= 0 {
		end = i
	}
	return safe(name[strings.LastIndexByte(name[:end], '/')+1:])
}
