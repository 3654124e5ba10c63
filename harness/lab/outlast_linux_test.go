package lab_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
)

// A target under a memory limit is loaded until it is killed; its twin outlasts it
// under the same load, and all that was known of both is on record.
func TestOutlast(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: -short")
	}
	p := plan("piles up", "clean")
	p.Scenario.MemoryLimit = pileLimit
	p.Scenario.Load.Rate = 400
	p.Scenario.Load.Timeout = harness.Duration(300 * time.Millisecond)
	p.Scenario.Variants[0].Expect, p.Variants[0].Expect = harness.ExpectLeak, harness.ExpectLeak
	var notes []string
	record, dir, err := run(t, t.Context(), p, noting(&notes))
	if err != nil {
		t.Fatal(err)
	}
	piles, clean := record.Variants[0], record.Variants[1]
	d := piles.Death
	if d == nil || d.Cause != harness.OOMKilled || d.ExitCode == nil || *d.ExitCode != 137 || d.ForecastSeconds == nil {
		t.Fatalf("death: %+v, want %s with exit code 137 and a forecast", d, harness.OOMKilled)
	}
	if last := piles.Checkpoints[len(piles.Checkpoints)-1].AtSeconds; *d.ForecastSeconds < last || *d.ForecastSeconds > 2*d.AtSeconds {
		t.Errorf("forecast %.1f s after a checkpoint at %.1f s, killed at %.1f s", *d.ForecastSeconds, last, d.AtSeconds)
	}
	if v := piles.Verdict; v.Outcome != harness.Fail || v.Class != harness.Leak || v.Reasons[0].Code != harness.OOMKilled {
		t.Errorf("verdict %+v, want a leak that was killed", v)
	}
	if got := record.ExitCode(); got != harness.ExitPass || record.Outcome != harness.Pass {
		t.Errorf("exit %d, %s: %v, want what was expected", got, record.Outcome, record.Warnings)
	}
	if clean.Verdict.Outcome != harness.Pass || clean.Load.Requests < piles.Load.Requests {
		t.Errorf("the twin: %+v after %d requests, want a pass after no less than %d", clean.Verdict, clean.Load.Requests, piles.Load.Requests)
	}
	for _, c := range piles.Checkpoints {
		if info, err := os.Stat(filepath.Join(dir, c.Profile)); err != nil || info.Size() == 0 {
			t.Errorf("profile %q of what was killed: %v", c.Profile, err)
		}
	}
	if !slices.ContainsFunc(notes, func(note string) bool { return strings.Contains(note, "forecast: killed ") }) {
		t.Errorf("no forecast among the notes: %q", notes)
	}
}

// What is not expected to leak and is killed all the same fails the run, and so
// does one that was killed too soon for a line.
func TestKilledUnexpectedly(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: -short")
	}
	p := plan("piles up")
	p.Scenario.MemoryLimit = pileLimit
	p.Scenario.Load.WarmUp, p.Scenario.Load.Segment = 400, 400
	p.Scenario.Load.Timeout = harness.Duration(300 * time.Millisecond)
	record, _, err := run(t, t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := record.Variants[0]
	if v.Death == nil || v.Death.Cause != harness.OOMKilled || v.Verdict.Outcome != harness.Fail || record.ExitCode() != harness.ExitLeak {
		t.Errorf("death %+v, verdict %+v, exit %d, want killed and exit %d", v.Death, v.Verdict, record.ExitCode(), harness.ExitLeak)
	}
}

// noting collects the notes of a run's progress.
func noting(notes *[]string) func(lab.Progress) {
	return func(p lab.Progress) {
		if p.Note != "" {
			*notes = append(*notes, p.Note)
		}
	}
}

// A limit that is too high to be reached in time is no failure, and no silence.
func TestNotKilledInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: -short")
	}
	p := plan("leaks")
	p.Scenario.MemoryLimit = harness.GiB
	p.Scenario.Load.MaxTime = harness.Duration(3 * time.Second)
	p.Scenario.Variants[0].Expect, p.Variants[0].Expect = harness.ExpectLeak, harness.ExpectLeak
	record, _, err := run(t, t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	warned := func(w harness.Warning) bool { return w.Code == "not-killed" }
	if !slices.ContainsFunc(record.Warnings, warned) || record.Variants[0].Death != nil || !record.Complete {
		t.Errorf("warnings %v, death %+v, complete %t, want a complete run that warns", record.Warnings, record.Variants[0].Death, record.Complete)
	}
}
