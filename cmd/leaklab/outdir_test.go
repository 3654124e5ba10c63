package main

import (
	"os"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
)

// Runs that are not told where to go are nothing to commit.
func TestRunsAreKeptFromGit(t *testing.T) {
	s := newShell(t)
	s.run("run ./single.yaml --quiet" + timeUp).want(harness.ExitInconclusive)
	if content, err := os.ReadFile(s.path("reports/out/.gitignore")); err != nil || string(content) != "*\n" {
		t.Errorf("reports/out/.gitignore: %q, %v, want all of it ignored", content, err)
	}
}

// Nothing is built for a run that could not be written.
func TestTakenDirectoryIsToldFirst(t *testing.T) {
	s := newShell(t)
	if err := os.WriteFile(s.path(journal.RecordFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const scenario = "name: x\nvariants:\n- {name: a, build: {package: ./nowhere}}\nrequests: [{url: /}]\n"
	if err := os.WriteFile(s.path("built.yaml"), []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	r := s.run("run built.yaml --out .")
	r.want(harness.ExitUsage, "a run is recorded there already", "hint: leaklab run --force, or another --out")
	if strings.Contains(r.stderr, "building") {
		t.Errorf("built before it was refused:\n%s", r.stderr)
	}
}
