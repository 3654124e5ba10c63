package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// htmlFinding is the card of a variant that did not pass: how much, where, and
// what to do next.
type htmlFinding struct {
	Name, Label, Kind, Mark string
	Amount, Per, Interval   string
	Driver, Forecast        string
	Sites                   []htmlSite
	Evidence                []string
	Steps                   []htmlStep
}

// htmlStep is something to do, with the line to look at or the command to give.
type htmlStep struct {
	Text    string
	Site    *htmlSite
	Command string
}

func newHTMLFinding(r harness.Record, v harness.Result, o Options, l limits) htmlFinding {
	f := htmlFinding{
		Name: safe(v.Name), Label: label(v), Kind: kindOf(v), Mark: kindMarks[kindOf(v)],
		Driver: driver(v.Verdict), Evidence: reasons(v),
	}
	if hidden := len(f.Evidence) - l.texts; hidden > 0 {
		f.Evidence = append(f.Evidence[:l.texts:l.texts], fmt.Sprintf("%d more reasons are in the record only", hidden))
	}
	if v.Death != nil && len(v.Verdict.Reasons) > 0 {
		f.Evidence = append(f.Evidence, ending(v))
	}
	for _, b := range v.Blame[:min(maxSites, len(v.Blame))] {
		f.Sites = append(f.Sites, newHTMLSite(b, r.Environment, o, 0))
	}
	if v.Verdict.Outcome == harness.Fail {
		f.Amount, f.Per = figure(v)
		f.Interval = interval(v.Verdict, axisOf(r))
		f.Forecast = forecast(r, v)
	}
	f.Steps = steps(r, v, o, f)
	return f
}

// interval is that of the slope, and the objects that come with it; empty where the
// heap is not what leaks.
func interval(v harness.Verdict, a axis) string {
	if _, outside := offHeap(v); outside {
		return ""
	}
	var parts []string
	if v.SlopeLow != nil && v.SlopeHigh != nil && v.SlopeBytesPerRequest != nil && *v.SlopeLow > 0 {
		value := bytesOf(*v.SlopeBytesPerRequest)
		ends := between(value, bytesOf(*v.SlopeLow), bytesOf(*v.SlopeHigh))
		if _, unit, _ := strings.Cut(value, " "); !strings.Contains(ends, " ") {
			ends += " " + unit
		}
		parts = append(parts, ends+" "+a.each()+", each end at 99 %")
	}
	if v.ObjectsPerRequest != nil && *v.ObjectsPerRequest > 0 {
		parts = append(parts, counted(*v.ObjectsPerRequest, "object")+" "+a.each())
	}
	return strings.Join(parts, " · ")
}

// steps are what to do about a finding: look at the line, check it without us,
// and run it again.
func steps(r harness.Record, v harness.Result, o Options, f htmlFinding) []htmlStep {
	var all []htmlStep
	switch {
	case v.Verdict.Outcome != harness.Fail && v.Death != nil:
		all = append(all, htmlStep{Text: "Find out why the target ended: its own output is in the run's directory."})
	case v.Verdict.Outcome != harness.Fail && v.Load.FailedMost():
		all = append(all, htmlStep{Text: "Look at the requests: one counts when it is answered with a status below 400, or one of load.accept."})
	case v.Verdict.Outcome != harness.Fail && v.Axis != "":
		all = append(all, htmlStep{Text: "Watch it for longer, or under more load, until the evidence settles: raise --max-time."})
	case v.Verdict.Outcome != harness.Fail:
		all = append(all, htmlStep{Text: "Give it more requests, until the evidence settles: raise load.segments.max and load.max_time."})
	case len(f.Sites) > 0 && v.Blame[0].GrowthGoroutines > 0:
		all = append(all, htmlStep{Text: "Find what the goroutines wait for that are started at", Site: &f.Sites[0]})
	case len(f.Sites) > 0 && ofRequest(v.Blame[0]):
		all = append(all, htmlStep{Text: "Find what keeps a part of the request, such as its path: net/http allocates it at", Site: &f.Sites[0]})
	case len(f.Sites) > 0:
		all = append(all, htmlStep{Text: "Find what still refers to what is allocated at", Site: &f.Sites[0]})
	}
	if _, outside := offHeap(v.Verdict); outside && v.Verdict.Outcome == harness.Fail {
		all = append(all, htmlStep{Text: "Find who maps it: " + mappings + ".", Command: mapsCommand})
	} else if command := pprofCommand(v.Checkpoints, o.Dir); command != "" && v.Verdict.Outcome == harness.Fail {
		all = append(all, htmlStep{Text: "Check it without leaklab: the growth between the first and the last heap profile.", Command: command})
	}
	if command := repeatCommand(r); command != "" {
		all = append(all, htmlStep{Text: "Run it again, after the fix or to see it for yourself.", Command: command})
	}
	return all
}
