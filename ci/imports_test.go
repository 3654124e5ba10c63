package ci

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rule says what packages may import and why. Patterns: "std" is the standard
// library, "./x" a package of the project, and "/..." at the end takes in all
// below.
type rule struct {
	in []string // the packages that the rule is for
	// only are the packages that they may reach, directly or not; nil is any.
	only []string
	// never are the packages that they may not reach; one of the standard library
	// may not be imported directly, for fmt alone reaches os.
	never []string
	why   string
}

var (
	docker = []string{"github.com/testcontainers/...", "github.com/docker/...", "github.com/moby/..."}
	world  = []string{"os/...", "net/...", "io/fs", "io/ioutil", "syscall", "log/..."}
)

// importRules is the architecture: imports point one way,
// cmd → lab, reports, scenarios → verbs → nouns → standard library.
var importRules = []rule{
	{
		in: []string{"./harness"}, only: []string{"std"}, never: world,
		why: "the nouns are plain values: whoever imports them gets no IO and no dependency",
	},
	{
		in: []string{"./harness/probe/..."}, only: []string{"std", "./harness/probe"},
		why: "the probe lives in the process under test: what it imports is measured with it",
	},
	{
		in:    []string{"./harness/target"},
		never: []string{"./harness/backend/...", "./harness/load/...", "./harness/gauge/...", "./harness/judge/...", "./harness/blame/...", "./harness/journal/...", "./harness/lab/..."},
		why:   "this package is half of a target: the lab's verbs would be measured with the service",
	},
	{
		in: []string{"./harness/trend"}, only: []string{"std"}, never: append([]string{"time"}, world...),
		why: "a fit is a function of numbers, so that it can be tested with made-up series",
	},
	{
		in: []string{"./harness/judge"}, only: []string{"std", "./harness", "./harness/trend"}, never: world,
		why: "a verdict recomputed from a stored record must equal the first one",
	},
	{
		in: []string{"./harness/blame"}, never: world,
		why: "blame compares profiles that others read",
	},
	{
		in: []string{"./harness/compare"}, only: []string{"std", "./harness", "./harness/judge", "./harness/trend"}, never: world,
		why: "a comparison is a function of two records",
	},
	{
		in: []string{"./harness/sweep"}, only: []string{"std", "./harness"}, never: []string{"os/...", "io/fs", "io/ioutil", "syscall", "log/..."},
		why: "what follows from the points of a sweep is a function of what was measured",
	},
	{
		in: []string{"./reports/..."}, never: world,
		why: "a report is a function of a record: it is rendered again at any time, anywhere",
	},
	{
		in: []string{"./leaky/...", "./fixed/..."}, never: []string{"./harness/...", "./scenarios/...", "./reports/...", "./cmd/..."},
		why: "the cases read as production code, which knows nothing of a lab",
	},
	{
		in: []string{"./harness/..."}, never: []string{"./scenarios/...", "./reports/...", "./leaky/...", "./fixed/...", "./cmd/..."},
		why: "the engine knows no scenario: users bring their own",
	},
	{
		in: []string{"./harness/lab/..."}, never: docker,
		why: "the lab runs inside users' tests, which must not drag in a container engine's client",
	},
	{
		in: []string{"./harness/leaktest"}, never: append([]string{"github.com/spf13/...", "modernc.org/...", "github.com/jackc/...", "github.com/alicebob/...", "github.com/redis/...",
			"./harness/backend/embedded/...", "./harness/backend/external/...", "./harness/backend/containers/..."}, docker...),
		why: "it is compiled into users' tests, which need no container engine, database or command line",
	},
	{
		in: []string{"./reports/...", "./scenarios/..."}, never: append([]string{"./harness/lab/...", "./cmd/..."}, docker...),
		why: "only the command joins scenarios, lab and reports",
	},
}

func TestImportsPointOneWay(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		t.Run(goos, func(t *testing.T) {
			listed, err := listPackages(goos)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range violations(importRules, listed) {
				t.Error(v)
			}
		})
	}
}

// violations are the imports that break a rule, and the rules that are for no
// package: those would pass for ever.
func violations(rules []rule, listed []goPackage) []string {
	standard := map[string]bool{}
	for _, p := range listed {
		standard[p.ImportPath] = p.Standard
	}
	var found []string
	for _, r := range rules {
		for _, pattern := range r.in {
			if !slices.ContainsFunc(listed, func(p goPackage) bool { return matches(pattern, p.ImportPath, p.Standard) }) {
				found = append(found, fmt.Sprintf("the rule for %s is for no package (%s)", pattern, r.why))
			}
		}
		for _, p := range listed {
			if !matchesAny(r.in, p.ImportPath, p.Standard) {
				continue
			}
			for _, dep := range p.Deps {
				std := standard[dep]
				forbidden := r.only != nil && !matchesAny(r.only, dep, std) ||
					matchesAny(r.never, dep, std) && (!std || slices.Contains(p.Imports, dep))
				if forbidden {
					found = append(found, fmt.Sprintf("%s reaches %s: %s", p.ImportPath, dep, r.why))
				}
			}
		}
	}
	return found
}

func matchesAny(patterns []string, path string, std bool) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, path, std) })
}

func matches(pattern, path string, std bool) bool {
	if pattern == "std" {
		return std
	}
	if below, ok := strings.CutPrefix(pattern, "."); ok {
		pattern = module + below
	}
	if dir, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(path, dir)
	}
	return path == pattern
}

func TestViolationsAreFound(t *testing.T) {
	listed := []goPackage{
		{ImportPath: "fmt", Standard: true},
		{ImportPath: "os", Standard: true},
		{ImportPath: "os/exec", Standard: true},
		{ImportPath: "example.com/engine/client"},
		{ImportPath: module + "/pure", Imports: []string{"fmt"}, Deps: []string{"fmt", "os"}},
		{ImportPath: module + "/direct", Imports: []string{"os/exec"}, Deps: []string{"os", "os/exec"}},
		{ImportPath: module + "/far", Imports: []string{module + "/near"}, Deps: []string{module + "/near", "example.com/engine/client"}},
		{ImportPath: module + "/near", Imports: []string{"example.com/engine/client"}, Deps: []string{"example.com/engine/client"}},
	}
	for _, tt := range []struct {
		name string
		rule rule
		want []string
	}{
		{"an indirect os is allowed", rule{in: []string{"./pure"}, only: []string{"std"}, never: []string{"os/..."}}, nil},
		{"a direct one is not", rule{in: []string{"./direct"}, never: []string{"os/..."}, why: "pure"},
			[]string{module + "/direct reaches os/exec: pure"}},
		{"an indirect engine is not", rule{in: []string{"./far"}, never: []string{"example.com/engine/..."}, why: "heavy"},
			[]string{module + "/far reaches example.com/engine/client: heavy"}},
		{"only std", rule{in: []string{"./near"}, only: []string{"std"}, why: "light"},
			[]string{module + "/near reaches example.com/engine/client: light"}},
		{"no package", rule{in: []string{"./gone"}, why: "none"},
			[]string{"the rule for ./gone is for no package (none)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, violations([]rule{tt.rule}, listed)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

// TestModuleReplacesNothing keeps `go install …@latest` working: it refuses a
// module that replaces or excludes another.
func TestModuleReplacesNothing(t *testing.T) {
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Module           struct{ Path string }
		Replace, Exclude []any
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	if mod.Module.Path != module {
		t.Errorf("go.mod is of module %s, want %s", mod.Module.Path, module)
	}
	if len(mod.Replace)+len(mod.Exclude) > 0 {
		t.Errorf("go.mod replaces %v and excludes %v, want neither", mod.Replace, mod.Exclude)
	}
}
