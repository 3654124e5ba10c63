package reports

import (
	"fmt"

	"github.com/leaklab/leaklab/harness"
)

// htmlPlaces is where a variant grows: its sites, and its flame graphs by their
// place in the data.
type htmlPlaces struct {
	ID     int
	Name   string
	Graphs []htmlGraphRef
	Sites  []htmlSite
	More   int // that are not shown
}

// htmlGraphRef is a flame graph of the data and how much it shows.
type htmlGraphRef struct {
	Index       int
	Unit, Total string
	Shrank      bool // something did
}

// htmlSite is a row of a table of sites.
type htmlSite struct {
	Verb                       string // what was done there
	Source, URL, Function      string
	Caller                     string // the user's line that led there, where the site is a library's
	Growth, PerRequest         string
	Interval, Samples          string
	Share, Fingerprint, Leaked string
	Width                      float64 // of the share's bar, in percent
	Stack                      []htmlCall
	MoreFrames                 int
}

// htmlCall is a frame of a stack.
type htmlCall struct {
	Function, Source string
	Site             bool // what the site is named after
}

// addPlaces shares the sites and frames out among the variants that have any.
func (p *htmlPage) addPlaces(r harness.Record, o Options, l limits) {
	blamed := 0
	for _, v := range r.Variants {
		if len(v.Blame) > 0 {
			blamed++
		}
	}
	for id, v := range r.Variants {
		if len(v.Blame) == 0 {
			continue
		}
		places := htmlPlaces{ID: id, Name: safe(v.Name)}
		for _, g := range newHTMLGraphs(v, id, max(1, l.nodes/blamed)) {
			total := bytesOf(g.Root.Delta)
			if g.Unit == "goroutines" {
				total = counted(float64(g.Root.Delta), "goroutine")
			}
			places.Graphs = append(places.Graphs, htmlGraphRef{Index: len(p.Data.Graphs), Unit: g.Unit, Total: total, Shrank: g.Root.Delta < g.Root.Size})
			p.Data.Graphs = append(p.Data.Graphs, g)
		}
		for _, b := range v.Blame[:min(max(1, l.sites/blamed), len(v.Blame))] {
			places.Sites = append(places.Sites, newHTMLSite(b, r.Environment, o, l.frames))
		}
		places.More = len(v.Blame) - len(places.Sites)
		p.Places = append(p.Places, places)
	}
}

// newHTMLSite is a site with at most so many frames of its stack.
func newHTMLSite(b harness.Blame, e harness.Environment, o Options, frames int) htmlSite {
	at := newSite(b, e, o)
	s := htmlSite{
		Source: at.where, URL: at.url, Function: at.function, Share: at.share, Samples: at.samples,
		Verb: at.verb, Growth: at.growth, PerRequest: at.each, Fingerprint: safe(b.Fingerprint), Caller: at.caller,
		Width: min(max(100*b.Share, 0), 100),
	}
	if b.BytesPerRequestLow != nil && b.BytesPerRequestHigh != nil {
		s.Interval = between(s.PerRequest, bytesOf(*b.BytesPerRequestLow), bytesOf(*b.BytesPerRequestHigh))
	}
	if b.LeakedGoroutines > 0 {
		s.Leaked = fmt.Sprintf("%s that nothing can wake any more", counted(float64(b.LeakedGoroutines), "goroutine"))
	}
	for _, f := range b.Stack[:min(frames, len(b.Stack))] {
		s.Stack = append(s.Stack, htmlCall{
			Function: shortFunction(f.Function), Source: placeOf(f.File, f.Line, e).String(),
			Site: f.Function == b.Function && f.File == b.File && f.Line == b.Line,
		})
	}
	s.MoreFrames = len(b.Stack) - len(s.Stack)
	return s
}
