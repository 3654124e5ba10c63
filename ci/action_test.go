package ci

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// step is a step of a workflow or of an action.
type step struct {
	Name  string            `yaml:"name"`
	Uses  string            `yaml:"uses"`
	Run   string            `yaml:"run"`
	Shell string            `yaml:"shell"`
	With  map[string]string `yaml:"with"`
}

// action is what the tests need of action.yml.
type action struct {
	Inputs  map[string]any `yaml:"inputs"`
	Outputs map[string]any `yaml:"outputs"`
	Runs    struct {
		Using string `yaml:"using"`
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

// workflow is what the tests need of a workflow.
type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Timeout int    `yaml:"timeout-minutes"`
		Steps   []step `yaml:"steps"`
	} `yaml:"jobs"`
}

func decode[T any](t *testing.T, path string) (v T) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// workflows are the project's, by their file.
func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	found := map[string]workflow{}
	for _, path := range projectFiles(t) {
		if filepath.Dir(path) == ".github/workflows" {
			found[path] = decode[workflow](t, path)
		}
	}
	if len(found) == 0 {
		t.Fatal("found no workflow")
	}
	return found
}

var expression = regexp.MustCompile(`\$\{\{.*?\}\}`)

// checkSteps: an action of others is named with its version. A script takes what
// comes from outside by its environment: an expression in its text would let a
// branch's name run commands.
func checkSteps(t *testing.T, path string, steps []step) {
	t.Helper()
	for i, s := range steps {
		if (s.Uses == "") == (s.Run == "") {
			t.Errorf("%s: step %d uses %q and runs %q, want one of the two", path, i, s.Uses, s.Run)
		}
		if s.Uses != "" && !strings.HasPrefix(s.Uses, "./") && !strings.Contains(s.Uses, "@v") {
			t.Errorf("%s: step %d uses %s, want a version", path, i, s.Uses)
		}
		if found := expression.FindString(s.Run); found != "" {
			t.Errorf("%s: step %d has %s in its script, want it in its environment", path, i, found)
		}
	}
}

func TestAction(t *testing.T) {
	const path = "ci/action.yml"
	a := decode[action](t, path)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("%s: using %q with %d steps, want a composite action", path, a.Runs.Using, len(a.Runs.Steps))
	}
	checkSteps(t, path, a.Runs.Steps)
	for i, s := range a.Runs.Steps {
		if s.Run != "" && s.Shell != "bash" {
			t.Errorf("%s: step %d runs in %q, want bash", path, i, s.Shell)
		}
	}
	text := read(t, path)
	for name := range a.Inputs {
		if !strings.Contains(text, "inputs."+name) {
			t.Errorf("%s: nothing reads the input %s", path, name)
		}
	}
	for _, match := range regexp.MustCompile(`inputs\.([\w-]+)`).FindAllStringSubmatch(text, -1) {
		if a.Inputs[match[1]] == nil {
			t.Errorf("%s: reads the input %s, which it does not have", path, match[1])
		}
	}
	for name, w := range workflows(t) {
		for job, j := range w.Jobs {
			for _, s := range j.Steps {
				for input := range s.With {
					if s.Uses == "./ci" && a.Inputs[input] == nil {
						t.Errorf("%s: job %s gives the action the input %s, which it does not have", name, job, input)
					}
				}
			}
		}
	}
}

// TestWorkflows: a job ends, and its token may only read but for what it says.
func TestWorkflows(t *testing.T) {
	used := false
	for path, w := range workflows(t) {
		if w.Permissions["contents"] != "read" || len(w.Permissions) != 1 {
			t.Errorf("%s: permissions %v, want contents: read", path, w.Permissions)
		}
		for name, job := range w.Jobs {
			if job.Timeout == 0 {
				t.Errorf("%s: job %s has no timeout-minutes", path, name)
			}
			checkSteps(t, path, job.Steps)
			used = used || slices.ContainsFunc(job.Steps, func(s step) bool { return s.Uses == "./ci" })
		}
		if strings.Contains(read(t, path), "pull_request_target") {
			t.Errorf("%s: pull_request_target gives the code of a fork a token that writes", path)
		}
	}
	if !used {
		t.Error("no workflow uses the action: nothing would notice that it does not work")
	}
}

// TestActionScripts lets shellcheck read the scripts within the action and the
// workflows.
func TestActionScripts(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("shellcheck is missing")
	}
	check := func(path string, steps []step) {
		for i, s := range steps {
			if s.Run == "" {
				continue
			}
			cmd := exec.Command("shellcheck", "-s", "bash", "-")
			cmd.Stdin = strings.NewReader("set -eo pipefail\n" + s.Run) // as GitHub runs it
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: step %d: shellcheck: %v\n%s", path, i, err, out)
			}
		}
	}
	check("ci/action.yml", decode[action](t, "ci/action.yml").Runs.Steps)
	for path, w := range workflows(t) {
		for _, job := range w.Jobs {
			check(path, job.Steps)
		}
	}
}

var (
	// leaklabCall is a call of leaklab in a script: its command, and the rest of
	// the line.
	leaklabCall = regexp.MustCompile(`(?m)(?:^|\s|"\$)leaklab"? (run|compare|report|attach|list|init)\b(.*)$`)
	longFlag    = regexp.MustCompile(`(?:^|\s)(--[a-z][a-z-]+)`)
)

// TestFlagsOfScriptsExist holds the scripts and the documents of continuous
// integration to the flags that leaklab has.
func TestFlagsOfScriptsExist(t *testing.T) {
	if testing.Short() {
		t.Skip("builds leaklab, which takes some seconds")
	}
	binary := filepath.Join(t.TempDir(), "leaklab")
	build := exec.Command("go", "build", "-o", binary, "./cmd/leaklab")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	help := map[string]string{}
	calls := 0
	for _, path := range []string{"ci/gate.sh", "ci/action.yml", "docs/ci.md", ".github/workflows/ci.yml", ".github/workflows/nightly.yml"} {
		text := strings.ReplaceAll(read(t, path), "\\\n", " ")
		for _, match := range leaklabCall.FindAllStringSubmatch(text, -1) {
			calls++
			command := match[1]
			if help[command] == "" {
				out, err := exec.Command(binary, command, "--help").Output()
				if err != nil {
					t.Fatalf("leaklab %s --help: %v", command, err)
				}
				help[command] = string(out)
			}
			for _, flag := range longFlag.FindAllStringSubmatch(match[2], -1) {
				if !regexp.MustCompile(flag[1] + `\b[^-]`).MatchString(help[command]) {
					t.Errorf("%s: leaklab %s has no %s", path, command, flag[1])
				}
			}
		}
	}
	if calls < 3 {
		t.Errorf("found %d calls of leaklab, want those of gate.sh at least", calls)
	}
}
