package reports

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// maxSites is how many allocation sites of a variant are named: the first holds
// nearly all of a leak, the rest is for who wonders what else grew.
const maxSites = 3

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
		f.sites = append(f.sites, fmt.Sprintf("%s  %s  %s of the growth, sampled objects: %s",
			source(b.File, b.Line, r.Environment), shortFunction(b.Function), percent(b.Share), harness.FormatCount(float64(b.Samples))))
		if f.accused && v.Expect.OrDefault() == harness.ExpectClean {
			f.fingerprints = append(f.fingerprints, safe(b.Fingerprint))
		}
	}
	if f.accused {
		f.forecast = forecast(r, v)
		f.command = pprofCommand(v.Checkpoints, o.Dir)
	}
	return f
}

// reasons are the verdict's own sentences; without any, what its figures say.
func reasons(v harness.Result) []string {
	var all []string
	for _, reason := range v.Verdict.Reasons {
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
		all = append(all, fmt.Sprintf("the target ended after %s: %s: %s", span(v.Death.AtSeconds), safe(v.Death.Cause), safe(v.Death.Evidence)))
	}
	if len(all) == 0 && v.Verdict.Outcome == harness.Pass && v.Verdict.SlopeHigh != nil {
		all = append(all, fmt.Sprintf("no leak above %s a request up to %s requests",
			bytesOf(*v.Verdict.SlopeHigh), harness.FormatCount(float64(v.Verdict.RequestsToVerdict))))
	}
	if n := len(v.Checkpoints); len(all) == 0 && n > 0 {
		all = append(all, fmt.Sprintf("no verdict yet after %s requests", harness.FormatCount(float64(v.Checkpoints[n-1].Requests))))
	}
	if len(all) == 0 {
		all = append(all, "nothing was measured")
	}
	return all
}

// forecast is when the growth of the live heap fills a small pod at the rate of
// the run; empty where it does not grow, or a reason says when it fills the limit
// of its budget.
func forecast(r harness.Record, v harness.Result) string {
	if slices.ContainsFunc(v.Verdict.Reasons, func(reason harness.Reason) bool { return reason.Code == "time-to-oom" }) {
		return ""
	}
	rate := float64(r.Spec.Load.Rate)
	if r.Spec.Load.Rate.IsMax() {
		rate = v.Load.RatePerSecond
	}
	if v.Verdict.SlopeBytesPerRequest == nil || *v.Verdict.SlopeBytesPerRequest*rate <= 0 {
		return ""
	}
	seconds := float64(harness.GiB) / (*v.Verdict.SlopeBytesPerRequest * rate)
	return fmt.Sprintf("at %s requests/s it fills 1 GiB in %s", harness.FormatCount(rate), span(seconds))
}

// pprofCommand shows the growth between the first and the last profile; empty
// where there are not two.
func pprofCommand(checkpoints []harness.Checkpoint, dir string) string {
	var profiles []string
	for _, c := range checkpoints {
		if c.Profile != "" {
			profiles = append(profiles, shellWord(path.Join(strings.ReplaceAll(dir, `\`, "/"), c.Profile)))
		}
	}
	if len(profiles) < 2 {
		return ""
	}
	return "go tool pprof -diff_base " + profiles[0] + " " + profiles[len(profiles)-1]
}

// shellWord quotes a path for a shell where that is needed.
func shellWord(file string) string {
	file = safe(file)
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	special := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/._-+=:@%,", r)
	}
	if strings.ContainsFunc(file, special) {
		return "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
	}
	return file
}
