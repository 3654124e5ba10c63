package main

import (
	"os"
	"path/filepath"
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

// Nothing is built, and no service asked, for a run that could not be kept; nothing
// is left of the attempt.
func TestUnwritableDirectoryIsToldFirst(t *testing.T) {
	s := newShell(t)
	const scenario = "name: x\nvariants:\n- {name: a, build: {package: ./nowhere}}\nrequests: [{url: /}]\n"
	if err := os.WriteFile(s.path("built.yaml"), []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{
		"run built.yaml --out built.yaml":                                    "built.yaml is not a directory",
		"run built.yaml --out built.yaml/x":                                  "output directory built.yaml/x: ",
		"attach --url http://127.0.0.1:1 --request GET:/ --out built.yaml/x": "output directory built.yaml/x: ",
		"sweep pair.yaml --set data.risky_users=1,2 --out built.yaml/x":      "output directory built.yaml/x: ",
	} {
		r := s.run(command)
		r.want(harness.ExitUsage, says, "--out DIR, with a directory that can be written")
		if strings.Contains(r.stderr, "building") {
			t.Errorf("%s: built before it was refused:\n%s", command, r.stderr)
		}
	}
	if err := writable(s.path("a/b/c")); err != nil {
		t.Errorf("a directory that is not there yet: %v", err)
	}
	left, _ := filepath.Glob(s.path(".leaklab-*")) // the pattern is well-formed
	if exists(s.path("a")) || len(left) > 0 {
		t.Errorf("left behind: %q, a: %t", left, exists(s.path("a")))
	}
}

// A directory stands for the scenario file in it.
func TestDirectoryOfAScenario(t *testing.T) {
	dir := t.TempDir()
	if got, want := scenarioAt(dir), filepath.Join(dir, "leaklab.yaml"); got != want {
		t.Errorf("without a file: %s, want %s", got, want)
	}
	for _, name := range []string{"leaklab.yml", "leaklab.yaml"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := scenarioAt(dir); got != file {
			t.Errorf("%s, want %s", got, file)
		}
	}
	t.Chdir(dir)
	if err := os.Mkdir(defaultScenario, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, as := range []string{defaultScenario, "leaklab.yaml", "none"} {
		if got := scenarioAt(as); got != as {
			t.Errorf("%s is taken for %s", as, got)
		}
	}
}
