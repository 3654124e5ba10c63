package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
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

// forecast is when the growth of the live heap, and of the stacks of goroutines
// that stay, fills a small pod at the rate of the run; empty where it does not grow,
// or a reason says when it fills the limit of its budget, or nobody knows the rate:
// the load came from elsewhere, or growth is paid per connection, which the
// requests of the run hardly made.
func forecast(r harness.Record, v harness.Result) string {
	said := slices.ContainsFunc(v.Verdict.Reasons, func(reason harness.Reason) bool { return reason.Code == "time-to-oom" })
	if said || v.Axis != "" || v.Verdict.Driver == harness.PerConnection || v.Verdict.SlopeBytesPerRequest == nil {
		return ""
	}
	rate := float64(r.Spec.Load.Rate)
	if r.Spec.Load.Rate.IsMax() {
		rate = v.Load.RatePerSecond
	}
	held := *v.Verdict.SlopeBytesPerRequest
	if stay := v.Verdict.GoroutinesPerRequest; stay != nil && v.Verdict.Class == harness.Goroutine {
		held = judge.HeldPerRequest(v.Checkpoints, held, *stay)
	}
	if held*rate <= 0 {
		return ""
	}
	return fmt.Sprintf("at %s requests/s it fills 1 GiB in %s", harness.FormatCount(rate), span(float64(harness.GiB)/(held*rate)))
}
