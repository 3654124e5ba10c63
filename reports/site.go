package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// maxSites is how many allocation sites of a variant are named: the first holds
// nearly all of a leak, the rest is for who wonders what else grew.
const maxSites = 3

// site is where something that grew is allocated, or the goroutines were started
// that never ended, in words.
type site struct {
	verb     string // what was done there
	where    string // file and line
	url      string // of that line; empty where it is not known
	function string
	caller   string // the user's line that led there, where it is a library's
	growth   string // bytes, or goroutines
	each     string // of these, what a request adds
	share    string // of the growth
	evidence string // how much of the growth that is, and what it rests on
	samples  string // sampled objects that the share rests on
}

func newSite(b harness.Blame, e harness.Environment, o Options) site {
	at := placeOf(b.File, b.Line, e)
	s := site{
		verb:     "allocated",
		where:    at.String(),
		url:      at.url(o),
		function: shortFunction(b.Function),
		caller:   callerOf(b, e),
		growth:   bytesOf(b.GrowthBytes),
		each:     bytesOf(b.BytesPerRequest),
		share:    percent(b.Share),
		samples:  harness.FormatCount(float64(b.Samples)),
	}
	s.evidence = fmt.Sprintf("%s of the growth, sampled objects: %s", s.share, s.samples)
	if b.GrowthGoroutines != 0 {
		s.verb = "started"
		s.growth = counted(float64(b.GrowthGoroutines), "goroutine")
		s.each = harness.FormatCount(b.GoroutinesPerRequest)
		s.evidence = fmt.Sprintf("%s of the goroutines that never ended: %s", s.share, harness.FormatCount(float64(b.GrowthGoroutines)))
	}
	return s
}

// callerOf is the innermost call in the user's own code that led to a site, with
// its function; empty where the site is there itself, or the stack has none.
func callerOf(b harness.Blame, e harness.Environment) string {
	if placeOf(b.File, b.Line, e).own() {
		return ""
	}
	for _, f := range b.Stack {
		if at := placeOf(f.File, f.Line, e); at.own() {
			return at.String() + "  " + shortFunction(f.Function)
		}
	}
	return ""
}

// ofRequest tells whether what grew is what net/http read of a request: its line in
// the standard library says nothing of who keeps it.
func ofRequest(b harness.Blame) bool {
	return slices.ContainsFunc(b.Stack, func(f harness.Frame) bool { return f.Function == "net/http.(*conn).readRequest" })
}

func (s site) String() string { return s.where + "  " + s.function + "  " + s.evidence }

// siteGrid has the sites that grew most in each variant, clean ones too: there
// they say what the noise is made of.
func siteGrid(r harness.Record, o Options) grid {
	g := grid{header: []string{"variant", "allocated at", "function", "growth", axisOf(r).each(), "share", "samples", "fingerprint"}}
	for _, v := range r.Variants {
		for _, b := range v.Blame[:min(maxSites, len(v.Blame))] {
			s := newSite(b, r.Environment, o)
			g.add(plain,
				safe(v.Name), s.where, s.function,
				s.growth, s.each, s.share,
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
