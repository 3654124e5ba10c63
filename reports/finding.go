package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// newFinding says why a variant got its verdict and how to check it.
func newFinding(r harness.Record, v harness.Result, o Options) finding {
	f := finding{
		name:    safe(v.Name),
		label:   label(v),
		tone:    toneOf(v),
		accused: v.Verdict.Outcome == harness.Fail,
		reasons: append(growth(v.Verdict), reasons(v)...),
	}
	for _, b := range v.Blame[:min(maxSites, len(v.Blame))] {
		s := newSite(b, r.Environment, o)
		if f.accused && ofRequest(b) {
			s.evidence += "; it is a part of the request, such as its path: look for what keeps one"
		}
		f.sites = append(f.sites, s)
		known := slices.Contains(f.fingerprints, safe(b.Fingerprint)) // by another line of the same functions
		if f.accused && !known && v.Expect.OrDefault() == harness.ExpectClean {
			f.fingerprints = append(f.fingerprints, safe(b.Fingerprint))
		}
	}
	if f.accused {
		f.forecast = forecast(r, v)
		f.repeat = repeatCommand(r)
		f.check = pprofCommand(v.Checkpoints, o.Dir)
		if _, outside := offHeap(v.Verdict); outside {
			f.reasons, f.check = append(f.reasons, mappings), mapsCommand
		}
	}
	return f
}

// lines is all that is said of a variant, a sentence or a command each.
func (f finding) lines() []string {
	lines := slices.Clone(f.reasons)
	if f.forecast != "" {
		lines = append(lines, f.forecast)
	}
	for _, s := range f.sites {
		lines = append(lines, f.verb(s)+" at "+s.String())
		if s.caller != "" {
			lines = append(lines, "called at "+s.caller)
		}
	}
	if len(f.fingerprints) > 0 {
		lines = append(lines, "known as "+strings.Join(f.fingerprints, ", "))
	}
	if f.check != "" {
		lines = append(lines, "check it: "+f.check)
	}
	if f.repeat != "" {
		lines = append(lines, "repeat it: "+f.repeat)
	}
	return lines
}

// verb is what is said of one of a finding's sites: in a clean variant they are noise.
func (f finding) verb(s site) string {
	if f.accused {
		return s.verb
	}
	return "grew most"
}

// reasons are the verdict's own sentences; without any, what its figures say.
func reasons(v harness.Result) []string {
	var all []string
	if reach := reach(v); reach != "" {
		all = append(all, reach)
	}
	for _, reason := range v.Verdict.Reasons {
		if reason.Code == "clean" && reason.Measured > 0 && len(all) > 0 {
			continue // its bound is in the reach of the pass
		}
		text := safe(reason.Text)
		if text == "" {
			text = fmt.Sprintf("%s: %s %s", safe(reason.Code), harness.FormatCount(reason.Measured), safe(reason.Unit))
			if reason.Budget != nil {
				text += ", allowed are " + harness.FormatCount(*reason.Budget)
			}
		}
		all = append(all, text)
	}
	if v.Death != nil && len(all) == 0 {
		all = append(all, ending(v))
	}
	if n := len(v.Checkpoints); len(all) == 0 && n > 0 {
		all = append(all, fmt.Sprintf("no verdict yet after %s %s", harness.FormatCount(float64(v.Checkpoints[n-1].Requests)), axis(safe(v.Axis)).units()))
	}
	if len(all) == 0 {
		all = append(all, "nothing was measured")
	}
	return all
}

// ending says when and how a target ended before the lab ended it: without a
// checkpoint, in the warm-up.
func ending(v harness.Result) string {
	when := "after " + span(v.Death.AtSeconds)
	if len(v.Checkpoints) == 0 {
		when = "during the warm-up"
	}
	return fmt.Sprintf("the target ended %s: %s: %s", when, safe(v.Death.Cause), safe(v.Death.Evidence))
}

// reach is how far a pass reaches: a bound, and what was sent in search of more.
// Empty for any other verdict. A key is counted as the judge does: each request
// that was not sent before is a new one.
func reach(v harness.Result) string {
	if v.Verdict.Outcome != harness.Pass || v.Axis != "" || v.Gauge == harness.GaugeFootprint {
		return "" // the verdict's own reason knows what was read, and on which axis
	}
	requests, keys := v.Verdict.RequestsToVerdict, 0
	for i, c := range v.Checkpoints {
		requests = c.Requests
		if fresh := c.Round.OrDefault() == harness.Fresh || c.Round == harness.Flood; i > 0 && fresh {
			keys += c.Requests - v.Checkpoints[i-1].Requests
		}
	}
	bound := "without a bound"
	if v.Verdict.Class == harness.Steady && v.Verdict.SlopeHigh != nil {
		bound = "above " + bytesOf(max(*v.Verdict.SlopeHigh, resolution)) + " a request"
	}
	text := fmt.Sprintf("no leak %s up to %s requests", bound, harness.FormatCount(float64(requests)))
	if keys > 0 {
		text += " and " + harness.FormatCount(float64(keys)) + " distinct keys"
	}
	return text
}

// resolution is the finest slope, in bytes a request, that a pass claims to have
// excluded.
const resolution = 0.1
