package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestWithBase(t *testing.T) {
	server := harness.Build{Package: "./cmd/server", Args: []string{"--port", "{{app_port}}"}}
	at := func(b harness.Build, revision string) harness.Build {
		b.Revision = revision
		return b
	}
	branch := harness.Variant{Name: "branch", Build: server, Dir: "svc", Expect: harness.ExpectLeak}
	other := harness.Variant{Name: "other", Build: harness.Build{Package: "./cmd/other"}}
	pinned := harness.Variant{Name: "v1", Build: at(server, "v1")}
	command := harness.Variant{Name: "command", Command: []string{"./server"}}
	twin := func(v harness.Variant, name string) harness.Variant {
		v.Name, v.Build.Revision, v.Expect = name, "main", harness.ExpectAny
		return v
	}
	for _, test := range []struct {
		name           string
		variants, want []harness.Variant
	}{
		{"one", []harness.Variant{branch}, []harness.Variant{branch, twin(branch, "base")}},
		{"one among others", []harness.Variant{command, pinned, branch}, []harness.Variant{command, pinned, branch, twin(branch, "base")}},
		{"two", []harness.Variant{branch, command, other},
			[]harness.Variant{branch, twin(branch, "branch-base"), command, other, twin(other, "other-base")}},
	} {
		before := len(test.variants)
		got, err := withBase(harness.Scenario{Name: "shop", Variants: test.variants}, "main")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got.Variants); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if len(test.variants) != before || test.variants[0].Build.Revision == "main" {
			t.Errorf("%s: the scenario given was changed", test.name)
		}
	}
	for _, variants := range [][]harness.Variant{nil, {command}, {pinned}} {
		_, err := withBase(harness.Scenario{Name: "shop", Variants: variants}, "main")
		if err == nil || !strings.Contains(err.Error(), `--base main: scenario "shop" has no variant that is built`) {
			t.Errorf("%v: %v", variants, err)
		}
	}
}

// keeping is a service that keeps what each request sends, if it is told so by its
// source.
const keeping = `package main

import (
	"flag"
	"net/http"
	_ "net/http/pprof"
	"sync"
)

const keep = false

var (
	mu   sync.Mutex
	kept [][]byte
)

func main() {
	addr := flag.String("addr", "", "")
	flag.Parse()
	http.HandleFunc("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if keep {
			kept = append(kept, make([]byte, 1<<10))
		}
	})
	http.ListenAndServe(*addr, nil)
}
`

// repository is a git repository in the shell's directory: what is committed does
// not leak, what is in its work tree does.
func (s shell) repository() {
	s.Helper()
	write := func(name, content string) {
		if err := os.WriteFile(s.path(name), []byte(content), 0o600); err != nil {
			s.Fatal(err)
		}
	}
	write("go.mod", "module example.com/keeping\n\ngo 1.26.0\n")
	write("main.go", keeping)
	write("leaklab.yaml", `name: keeping
load: {rate: 500/s, connections: 8, warm_up: 400, segment: 100, segments: {min: 8, max: 40}}
variants:
  - {name: branch, build: {package: ., args: [-addr, "127.0.0.1:{{app_port}}"]}}
requests: [{url: "/items/{{seq}}"}]
`)
	s.git("init", "--quiet", "--initial-branch=main")
	s.git("add", "go.mod", "main.go")
	s.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "--message=clean")
	write("main.go", strings.Replace(keeping, "keep = false", "keep = true", 1))
}

func (s shell) git(args ...string) string {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), "git", args...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// wantOneWorkTree fails the test where the repository lists another one than its
// own.
func (s shell) wantOneWorkTree() {
	s.Helper()
	if list := s.git("worktree", "list"); strings.Count(list, "\n") != 1 {
		s.Errorf("work trees:\n%s", list)
	}
}

func TestBase(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs, which takes 10 s")
	}
	s := newShell(t)
	s.repository()
	s.run("run --base main --out run --no-self-test").want(harness.ExitLeak, "leaklab: building .\n", "leaklab: building . at main (")
	var outcomes []harness.Outcome
	record := s.record("run")
	for _, v := range record.Variants {
		outcomes = append(outcomes, v.Verdict.Outcome)
	}
	if diff := cmp.Diff([]harness.Outcome{harness.Fail, harness.Pass}, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if name := record.Variants[1].Name; name != "base" || record.Spec.Variants[1].Build.Revision != "main" {
		t.Errorf("the second variant is %s, of %+v", name, record.Spec.Variants[1].Build)
	}
	s.wantOneWorkTree()
	s.wantNoTemp()
}

func TestWhatCannotBeBuilt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs, which takes some seconds")
	}
	s := newShell(t)
	s.repository()
	s.run("run --base v9").want(harness.ExitUsage, `build . at v9: revision "v9": the repository has no such commit`,
		"hint: git branch --all and git tag name what there is; a shallow clone gets it by git fetch origin v9")
	s.run("run --base main pair.yaml").want(harness.ExitUsage, "no variant that is built")
	if err := os.WriteFile(s.path("main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("run --set variants.branch.dir=tmp").want(harness.ExitNotRun, "no Go files", "hint: cd tmp && go build .\n")
	s.run("run --base main").want(harness.ExitNotRun, "main.go:3:15: undefined: nothing", "hint: go build .\n")
	s.git("add", "main.go")
	s.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "--message=broken")
	at := "cd " + s.dir + " && git worktree add --detach DIR main && cd DIR && go build .\n"
	s.run("run --set variants.branch.build.revision=main "+s.path("leaklab.yaml")).want(harness.ExitNotRun, "build . at main: go: exit status 1:", "hint: "+at)
	s.wantOneWorkTree()
	if err := os.RemoveAll(s.path(".git")); err != nil {
		t.Fatal(err)
	}
	s.run("run --base main").want(harness.ExitUsage, `build . at main: revision "main" of .: git finds no repository there`, "hint: git clone the sources: ")
	if _, err := os.Stat(s.path("reports")); err == nil {
		t.Error("an output directory was made")
	}
	s.wantNoTemp()
}
