package build

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestArguments(t *testing.T) {
	bin := filepath.Join("tmp", "bin")
	for _, test := range []struct {
		build harness.Build
		want  []string
	}{
		{harness.Build{Package: "./cmd/server"}, []string{"build", "-trimpath", "-o", bin + string(filepath.Separator), "--", "./cmd/server"}},
		{harness.Build{Package: ".", Revision: "main", Flags: []string{"-tags", "sqlite", "-trimpath=false", "-o", "x"}, Args: []string{"--port"}},
			[]string{"build", "-tags", "sqlite", "-trimpath=false", "-o", "x", "-trimpath", "-o", bin + string(filepath.Separator), "--", "."}},
		{harness.Build{Package: "-o"}, []string{"build", "-trimpath", "-o", bin + string(filepath.Separator), "--", "-o"}},
	} {
		if diff := cmp.Diff(test.want, arguments(test.build, bin)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.build, diff)
		}
	}
}

// What differs in anything that a binary depends on is built on its own.
func TestEqualPrograms(t *testing.T) {
	p := Program{Dir: "shop", Build: harness.Build{Package: ".", Revision: "v1", Flags: []string{"-race"}, Args: []string{"a"}}}
	for name, test := range map[string]struct {
		change func(*Program)
		equal  bool
	}{
		"arguments": {func(p *Program) { p.Args = nil }, true},
		"directory": {func(p *Program) { p.Dir = "other" }, false},
		"package":   {func(p *Program) { p.Package = "./cmd" }, false},
		"revision":  {func(p *Program) { p.Revision = "" }, false},
		"flags":     {func(p *Program) { p.Flags = nil }, false},
	} {
		other := p
		test.change(&other)
		if p.equal(other) != test.equal {
			t.Errorf("other %s: equal is %v, want %v", name, !test.equal, test.equal)
		}
	}
}

func TestOnlyOneProgram(t *testing.T) {
	bin := t.TempDir()
	for n, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(bin, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		path, err := only(bin)
		if one := n == 0; one != (err == nil) || one && path != filepath.Join(bin, "a") {
			t.Errorf("of %d programs: %q, %v", n+1, path, err)
		}
	}
}

func TestHeadIsBounded(t *testing.T) {
	h := head{limit: 5}
	for _, text := range []string{"abc", "defg", "h"} {
		if n, err := h.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("%q: %d bytes written, %v", text, n, err)
		}
	}
	if got := h.String(); got != "abcde\n…" {
		t.Errorf("kept %q, want the first 5 bytes and a mark", got)
	}
}

// repository is a git repository with a module in its directory shop: at the tag
// v1 its program prints one, at HEAD two, and in the work tree three.
type repository struct {
	*testing.T
	top, shop string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	if testing.Short() {
		t.Skip("builds programs, which takes some seconds")
	}
	t.Setenv("TMPDIR", t.TempDir())
	top := t.TempDir()
	r := repository{t, top, filepath.Join(top, "shop")}
	r.git("init", "--quiet")
	r.write("go.mod", "module example.com/shop\n\ngo 1.26.0\n")
	r.write("lib/lib.go", "package lib\n")
	r.write("broken/main.go", "package main\n\nfunc main() { nothing() }\n")
	for i, text := range []string{"one", "two"} {
		r.write("cmd/say/main.go", program(text))
		r.git("add", ".")
		r.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "--message", text)
		if i == 0 {
			r.git("tag", "v1")
		}
	}
	r.write("cmd/say/main.go", program("three"))
	return r
}

func program(text string) string {
	return `package main

import (
	"os"
	"runtime"
)

func main() {
	_, file, _, _ := runtime.Caller(0)
	os.Stdout.WriteString("` + text + ` " + file)
}
`
}

func (r repository) write(name, content string) {
	r.Helper()
	path := filepath.Join(r.shop, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		r.Fatal(err)
	}
}

func (r repository) git(args ...string) string {
	r.Helper()
	out, err := git(r.Context(), r.top, args...)
	if err != nil {
		r.Fatalf("git %q: %v", args, err)
	}
	return out
}

// wantUntouched fails the test where the repository lists another work tree than
// its own, or files were changed in that.
func (r repository) wantUntouched() {
	r.Helper()
	if list := r.git("worktree", "list"); strings.Count(list, "\n") > 0 {
		r.Errorf("work trees:\n%s\nwant the repository's own", list)
	}
	if status := r.git("status", "--porcelain"); status != "M shop/cmd/say/main.go" {
		r.Errorf("status:\n%s\nwant the change that was there", status)
	}
}

// build makes programs given as package and revision, and what was said of them.
func (r repository) build(ctx context.Context, dir string, programs ...[2]string) (binaries []Binary, said []string, err error) {
	r.Helper()
	var list []Program
	for _, p := range programs {
		list = append(list, Program{Dir: r.shop, Build: harness.Build{Package: p[0], Revision: p[1]}})
	}
	binaries, err = Make(ctx, dir, list, func(what string) { said = append(said, what) })
	return binaries, said, err
}

func TestRevisionsSideBySide(t *testing.T) {
	r := newRepository(t)
	// A hook that would fail, what a git hook sets, and where Go is told to put what it
	// leaves when it is interrupted: none of them counts.
	t.Setenv("GOTMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	if err := os.WriteFile(filepath.Join(r.top, ".git/hooks/post-checkout"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "elsewhere"))
	dir, err := TempDir(t.Context(), r.shop)
	if err != nil {
		t.Fatal(err)
	}
	binaries, said, err := r.build(t.Context(), dir,
		[2]string{"./cmd/say", "v1"}, [2]string{"./cmd/say", "HEAD"}, [2]string{"./cmd/say", ""}, [2]string{"./cmd/say", "v1"})
	if err != nil {
		t.Fatal(err)
	}
	const file = " example.com/shop/cmd/say/main.go" // of each of them the same
	for i, want := range []string{"one", "two", "three", "one"} {
		out, err := exec.CommandContext(t.Context(), binaries[i].Path).Output()
		if err != nil || string(out) != want+file {
			t.Errorf("binary %d prints %q, %v; want %q", i, out, err, want+file)
		}
	}
	v1, head := r.git("rev-parse", "v1"), r.git("rev-parse", "HEAD")
	if got := []string{binaries[0].Commit, binaries[1].Commit, binaries[2].Commit}; !cmp.Equal(got, []string{v1, head, ""}) {
		t.Errorf("commits %q, want %q, %q and none", got, v1, head)
	}
	want := []string{"./cmd/say at v1 (" + v1[:12] + ")", "./cmd/say at HEAD (" + head[:12] + ")", "./cmd/say"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	r.wantUntouched()
}

func TestWhatCannotBeBuilt(t *testing.T) {
	r := newRepository(t)
	for _, test := range []struct {
		program [2]string
		want    string
	}{
		{[2]string{"./broken", ""}, "build ./broken: go: exit status 1:\n# example.com/shop/broken\nbroken/main.go:3:15: undefined: nothing"},
		{[2]string{"./broken", "v1"}, "build ./broken at v1: go: exit status 1:"},
		{[2]string{"./nowhere", ""}, "build ./nowhere: "},
		{[2]string{"./lib", ""}, "no main packages"},
		{[2]string{"./cmd/say", "v9"}, `revision "v9": the repository has no such commit`},
		{[2]string{"./cmd/say", "--help"}, `revision "--help", want a branch, a tag or a commit`},
	} {
		_, _, err := r.build(t.Context(), t.TempDir(), test.program)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v\nwant %s", test.program, err, test.want)
		}
	}
	_, said, err := r.build(t.Context(), t.TempDir(), [2]string{"./cmd/say", ""}, [2]string{"./cmd/say", "v9"})
	if failed, ok := errors.AsType[*Error](err); !ok || failed.Program.Revision != "v9" || failed.Prefix != "shop/" || !errors.Is(err, ErrNoCommit) || len(said) > 0 {
		t.Errorf("one of two without its revision: %v after %q, want it told before anything is built", err, said)
	}
	_, err = Make(t.Context(), t.TempDir(), []Program{{Dir: t.TempDir(), Build: harness.Build{Package: ".", Revision: "main"}}}, func(string) {})
	if !errors.Is(err, ErrNoRepository) || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("no repository: %v", err)
	}
	_, _, err = r.build(t.Context(), t.TempDir(), [2]string{"./broken", "HEAD"})
	if failed, ok := errors.AsType[*Error](err); !ok || failed.Prefix != "shop/" || errors.Is(err, ErrNoRepository) {
		t.Errorf("sources that do not compile: %+v, want them at shop/", failed)
	}
	r.git("checkout", "--quiet", "--force", "--detach")
	r.git("rm", "--quiet", "-r", "shop")
	r.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "--message", "gone")
	gone := r.git("rev-parse", "HEAD")
	r.git("checkout", "--quiet", "v1")
	if _, _, err := r.build(t.Context(), t.TempDir(), [2]string{"./cmd/say", gone}); err == nil || !strings.Contains(err.Error(), "there is no directory shop/ in this revision") {
		t.Errorf("a revision without the module: %v", err)
	}
	if list := r.git("worktree", "list"); strings.Count(list, "\n") > 0 {
		t.Errorf("work trees:\n%s", list)
	}
}

// An interrupt comes after the work tree was added, before or in the midst of the
// build.
func TestAnInterruptLeavesNoWorkTree(t *testing.T) {
	r := newRepository(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	var trees worktrees
	tree := filepath.Join(t.TempDir(), "tree")
	place, err := trees.add(ctx, tree, r.shop, origin{commit: r.git("rev-parse", "v1"), prefix: "shop/"})
	if err != nil {
		t.Fatal(err)
	}
	if place != filepath.Join(tree, "shop") {
		t.Errorf("place %s, want %s", place, filepath.Join(tree, "shop"))
	}
	if again, err := trees.add(ctx, tree+"-again", r.shop, trees.added[0].origin); again != place || err != nil {
		t.Errorf("the same commit again is at %s, %v; want it at %s", again, err, place)
	}
	cancel(enough)
	if _, err := run(ctx, place, nil, "go", "build", "./cmd/say"); !errors.Is(err, enough) {
		t.Errorf("build: %v, want %v", err, enough)
	}
	if err := trees.remove(); err != nil {
		t.Error(err)
	}
	r.wantUntouched()
	if _, _, err := r.build(ctx, t.TempDir(), [2]string{"./cmd/say", "v1"}); !errors.Is(err, enough) {
		t.Errorf("build: %v, want %v", err, enough)
	}
	r.wantUntouched()
}

// A run that was killed leaves its directory and its work tree; the next one takes
// them away, and nothing of a run that goes on or of the user's.
func TestTempDirRemovesWhatAKilledRunLeft(t *testing.T) {
	r := newRepository(t)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	mine, err := TempDir(t.Context(), r.shop)
	if err != nil {
		t.Fatal(err)
	}
	dead := markOf(t, mine, child.Process.Pid)
	theirs := filepath.Join(t.TempDir(), "tree") // the user's, on a disk that is away
	for _, path := range []string{filepath.Join(dead, "0", "tree"), filepath.Join(mine, "0", "tree"), theirs} {
		r.git("worktree", "add", "--quiet", "--detach", path, "v1")
	}
	if err := os.RemoveAll(theirs); err != nil {
		t.Fatal(err)
	}
	again, err := TempDir(t.Context(), r.shop)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dead, err)
	}
	for _, dir := range []string{mine, again} {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	list := r.git("worktree", "list")
	if strings.Contains(list, dead) || !strings.Contains(list, mine) || !strings.Contains(list, theirs) {
		t.Errorf("work trees:\n%s\nwant those of %s and %s, none of %s", list, mine, theirs, dead)
	}
}

// markOf is a directory as a process of another id names it.
func markOf(t *testing.T, dir string, pid int) string {
	t.Helper()
	_, host, ok := strings.Cut(dir, "@")
	if !ok {
		t.Fatalf("%s names no owner", dir)
	}
	return filepath.Join(filepath.Dir(dir), dirPrefix+strconv.Itoa(pid)+"@"+host)
}
