package main

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
	"github.com/leaklab/leaklab/harness/journal"
)

// storedRun is the record of a run of one variant, app, that keeps bytes of each
// request, and leaks if that is more than none.
func storedRun(bytes int64) harness.Record {
	r := harness.Record{Schema: harness.RecordSchema, ID: "run", Scenario: "single", Complete: true,
		Spec: harness.Scenario{Name: "single", Load: harness.DefaultLoad()}, Variants: []harness.Result{{Name: "app"}}}
	v := &r.Variants[0]
	for i := range int64(20) {
		v.Checkpoints = append(v.Checkpoints, harness.Checkpoint{Requests: int(100 * i), LiveHeapBytes: 1<<20 + 100*i*bytes, LoadAllocBytes: 1 << 20})
	}
	slope := float64(bytes)
	v.Verdict = harness.Verdict{Outcome: harness.Pass, Class: harness.Steady, SlopeBytesPerRequest: &slope, SlopeLow: &slope, SlopeHigh: &slope,
		Reasons: []harness.Reason{{Code: "slope"}}}
	if bytes > 0 {
		v.Verdict.Outcome, v.Verdict.Class = harness.Fail, harness.Leak
		v.Blame = []harness.Blame{{Function: "app.put", File: "app/put.go", Line: 7, Fingerprint: "aaaaaaaaaaaa", Share: 1}}
	}
	r.Conclude()
	return r
}

// store writes a record into a directory of the shell.
func (s shell) store(dir string, r harness.Record) {
	s.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		s.Fatal(err)
	}
	if err := os.MkdirAll(s.path(dir), 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(s.path(dir+"/"+journal.RecordFile), data, 0o600); err != nil {
		s.Fatal(err)
	}
}

func TestCompare(t *testing.T) {
	s := newShell(t)
	s.store("clean", storedRun(0))
	s.store("leaky", storedRun(1000))
	s.store("worse", storedRun(2000))
	interrupted := storedRun(0)
	interrupted.Complete = false
	interrupted.Conclude()
	s.store("interrupted", interrupted)
	both := storedRun(1000)
	twin := storedRun(0).Variants[0]
	twin.Name = "base"
	both.Variants = append(both.Variants, twin)
	both.Spec.Variants = []harness.Variant{{Name: "app", Build: harness.Build{Package: "./app"}}, {Name: "base", Build: harness.Build{Package: "./app", Revision: "main"}}}
	both.Conclude()
	s.store("both", both)
	if err := os.WriteFile(s.path("broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	const gate = "THIS GATE FAILS NOTHING"
	for _, tt := range []struct {
		line  string
		code  harness.ExitCode
		texts []string
	}{
		{"compare clean clean", harness.ExitPass, []string{"SAME: nothing is worse"}},
		{"compare clean leaky", harness.ExitLeak, []string{"NEW LEAK", "app/put.go:7", "known as aaaaaaaaaaaa", "WORSE: a leak that the base did not have: app"}},
		{"compare clean leaky/run.json --report-only", harness.ExitPass, []string{"NEW LEAK", gate, "in place of 3"}},
		{"compare leaky clean", harness.ExitPass, []string{"fixed", "BETTER: a leak less: app"}},
		{"compare leaky worse", harness.ExitLeak, []string{"persisting", "growth a request: 1000 B → 1.95 KiB"}},
		{"compare leaky worse --fail-on new", harness.ExitPass, []string{"WORSE: worse in growth a request: app"}},
		{"compare leaky leaky", harness.ExitPass, []string{"SAME"}},
		{"compare leaky leaky --fail-on any", harness.ExitLeak, []string{"SAME"}},
		{"compare clean leaky --format markdown", harness.ExitLeak, []string{"<!-- leaklab:single -->", "| app | NEW LEAK |"}},
		{"compare both", harness.ExitLeak, []string{"NEW LEAK"}},
		{"compare both --map base=app", harness.ExitPass, []string{"a leak less: base"}},
		{"compare clean interrupted", harness.ExitUsage, []string{"error: not comparable: the head is incomplete", "hint: run both the same way"}},
		{"compare clean interrupted --force", harness.ExitPass, []string{"[1] compared by force: the head is incomplete"}},
		{"compare clean", harness.ExitUsage, []string{"error: clean: the run has no base in it"}},
		{"compare clean broken.json", harness.ExitUsage, []string{"broken.json: unexpected end of JSON"}},
		{"compare clean nowhere", harness.ExitUsage, []string{"nowhere"}},
		{"compare clean leaky --fail-on all", harness.ExitUsage, []string{`--fail-on "all": want new, worse or any`}},
		{"compare clean leaky --format pdf", harness.ExitUsage, []string{`--format "pdf": want text, markdown or json`}},
		{"compare clean leaky --map app", harness.ExitUsage, []string{`--map "app": want HEAD=BASE`}},
		{"compare clean leaky --map app=other", harness.ExitUsage, []string{`map "app" to "other"`}},
		{"compare clean leaky -o nowhere/f", harness.ExitNotRun, []string{"nowhere/f", "hint: leaklab compare -o FILE"}},
		{"compare", harness.ExitUsage, []string{"an argument is missing: want leaklab compare BASE HEAD"}},
	} {
		s.run(tt.line).want(tt.code, tt.texts...)
	}
	var c compare.Comparison
	if err := json.Unmarshal([]byte(s.run("compare clean leaky --json").stdout), &c); err != nil || c.Schema != compare.Schema || c.Status != compare.StatusNew {
		t.Errorf("JSON: %v, schema %q, status %q", err, c.Schema, c.Status)
	}
}

func TestAccept(t *testing.T) {
	s := newShell(t)
	s.store("leaky", storedRun(1000))
	s.store("clean", storedRun(0))
	printed := s.run("compare --accept leaky --days 30")
	printed.want(harness.ExitPass, "suppressions:", "fingerprint: aaaaaaaaaaaa", `until: "0001-01-31"`)
	s.run("compare --accept clean").want(harness.ExitPass, "nothing to accept")
	s.run("compare --accept leaky --days 0").want(harness.ExitUsage, "--days 0: want 1 to")

	before, err := os.ReadFile(s.path("single.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.run("compare --accept leaky --into single.yaml --reason ticket").want(harness.ExitPass, "single.yaml lets pass until 0001-04-01: 1")
	after, err := os.ReadFile(s.path("single.yaml"))
	if err != nil || !bytes.HasPrefix(after, before) || !strings.Contains(string(after), "reason: 'ticket: app leaks in app.put'") &&
		!strings.Contains(string(after), `reason: "ticket: app leaks in app.put"`) {
		t.Errorf("%v: the file is now\n%s", err, after)
	}
	s.run("compare --accept leaky --into nowhere.yaml").want(harness.ExitUsage, "--into: ", "nowhere.yaml")
	s.run("compare --accept leaky --into mistakes.yaml").want(harness.ExitUsage, "mistakes.yaml", "hint: leaklab compare --accept RUN, and paste")
	files, err := os.ReadDir(s.dir)
	if err != nil || slices.ContainsFunc(files, func(f os.DirEntry) bool { return strings.HasPrefix(f.Name(), "single.yaml.") }) {
		t.Errorf("%v: a temporary file is left among %v", err, files)
	}
}
