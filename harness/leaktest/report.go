package leaktest

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// words puts what the judge says of requests in the words of a test.
type words struct {
	unit    string // what growth is for each of
	replace *strings.Replacer
}

var (
	requestWords = words{"request", inConfigWords}
	callWords    = words{"call", strings.NewReplacer("requests, sent again", "calls, made again", "sent again", "made again",
		"sent twice", "made twice", "requests", "calls", "request", "call", "segments", "rounds")}
)

func (w words) say(text string) string { return w.replace.Replace(inConfigWords.Replace(text)) }

// report says what a measurement found: an error of the test where that is not
// what was expected, else a line of its log.
func report(t testing.TB, r harness.Record, dir string, w words) {
	t.Helper()
	v := r.Variants[0]
	switch {
	case r.Outcome == harness.Pass && v.Suppressed:
		t.Logf("%s, suppressed: %s", headline(v, w), matched(r))
	case r.Outcome == harness.Pass:
		t.Log(headline(v, w) + ": " + strings.Join(reasons(v, w), "; "))
	default:
		t.Error(failure(t, r, dir, w))
	}
}

// failure is the text of a test that failed: what it is, why, where, and how to
// check that.
func failure(t testing.TB, r harness.Record, dir string, w words) string {
	v := r.Variants[0]
	lines := []string{headline(v, w)}
	if !r.Complete {
		lines[0] += ", for the test ended before it was measured"
	}
	add := func(label, text string) { lines = append(lines, fmt.Sprintf("  %-10s  %s", label, text)) }
	for i, reason := range reasons(v, w) {
		add([]string{"because", ""}[min(i, 1)], reason)
	}
	for _, s := range r.Suppressions {
		switch s.State {
		case harness.Expired:
			add("suppressed", fmt.Sprintf("%s no longer: its last day is over", s.Fingerprint))
		case harness.Unmatched:
			add("suppressed", fmt.Sprintf("%s matches no leak: take it out of Config.Suppressions, or it hides the leak's return", s.Fingerprint))
			lines[0] = "NO LEAK, where Config.Suppressions has one"
		}
	}
	if short := func(r harness.Reason) bool { return r.Code == "few-checkpoints" }; slices.ContainsFunc(v.Verdict.Reasons, short) {
		add("try", fmt.Sprintf("a larger Config.MaxTime than %s, or smaller Config.Calls than %d", r.Spec.Load.MaxTime, r.Spec.Load.Segment))
	}
	if v.Load.FailedMost() {
		add("try", "Config.Request with the method, path, headers and body that the handler takes; Config.Accept says which statuses are to expect")
	}
	for _, line := range where(v) {
		add(line.label, line.text)
	}
	if v.Verdict.Outcome == harness.Fail && (v.Verdict.Class == harness.Leak || v.Verdict.Class == harness.Goroutine) {
		add("check it", check(r, dir))
	}
	return strings.Join(lines, "\n")
}

// headline is the verdict in a few words.
func headline(v harness.Result, w words) string {
	switch verdict := v.Verdict; {
	case v.Load.FailedMost():
		return fmt.Sprintf("NOT MEASURED: %d of %d requests failed, the first with: %s", v.Load.Errors, v.Load.Requests, v.Load.FirstError)
	case v.Expect == harness.ExpectLeak && verdict.Outcome == harness.Pass:
		return "NO LEAK, where Config.Expect wants one"
	case verdict.Outcome == harness.Pass:
		return "clean"
	case verdict.Outcome == harness.Inconclusive:
		return "INCONCLUSIVE"
	case verdict.Class == harness.Goroutine && verdict.GoroutinesPerRequest != nil:
		return fmt.Sprintf("GOROUTINE LEAK of %s a %s", harness.FormatCount(*verdict.GoroutinesPerRequest), w.unit)
	case verdict.Class == harness.Footprint:
		return "OFF-HEAP LEAK"
	case verdict.Class == harness.Leak && verdict.SlopeBytesPerRequest != nil && *verdict.SlopeBytesPerRequest > 0:
		return fmt.Sprintf("LEAK of %s a %s", harness.FormatBytes(*verdict.SlopeBytesPerRequest), w.unit)
	case verdict.Class == harness.Leak:
		return "LEAK"
	}
	return "OVER BUDGET"
}

func reasons(v harness.Result, w words) []string {
	var said []string
	for _, r := range v.Verdict.Reasons {
		said = append(said, w.say(r.Text))
	}
	return said
}

// matched is the suppressions that let a leak pass.
func matched(r harness.Record) string {
	var all []string
	for _, s := range r.Suppressions {
		if s.State == harness.Matched {
			all = append(all, string(s.Fingerprint))
		}
	}
	return strings.Join(all, ", ")
}

// check is how to see the growth without leaklab: a command where the profiles are
// kept, else how to keep them.
func check(r harness.Record, dir string) string {
	var profiles []string
	for _, c := range r.Variants[0].Checkpoints {
		if c.Profile != "" {
			profiles = append(profiles, path.Join(filepath.ToSlash(dir), c.Profile))
		}
	}
	if len(profiles) < 2 {
		return fmt.Sprintf("go test -run '%s' -artifacts  keeps the profiles for go tool pprof -diff_base", pattern(r.Spec.About))
	}
	return fmt.Sprintf("go tool pprof -diff_base %s %s", profiles[0], profiles[len(profiles)-1])
}
