package main

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/build"
)

// Whoever must mend a build wants the command that shows it alone.
func TestBuildHint(t *testing.T) {
	server := harness.Build{Package: "./cmd/server", Flags: []string{"-tags", "dev"}}
	base := server
	base.Revision = "main"
	base.Flags = []string{"-ldflags", "-s -X main.who=it's"}
	at := func(dir, prefix string, b harness.Build) *build.Error {
		return &build.Error{Program: build.Program{Dir: dir, Build: b}, Prefix: prefix, Err: errors.New("undefined: x")}
	}
	for want, failed := range map[string]*build.Error{
		"go build -tags dev ./cmd/server":                     at(".", "", server),
		"cd services/shop && go build -tags dev ./cmd/server": at("services/shop", "", server),
		`git worktree add --detach DIR main && cd DIR && go build -ldflags '-s -X main.who=it'\''s' ./cmd/server`:                           at(".", "", base),
		`git worktree add --detach DIR main && cd DIR/shop && go build -ldflags '-s -X main.who=it'\''s' ./cmd/server`:                      at(".", "shop/", base),
		`cd /src/all/shop && git worktree add --detach DIR main && cd DIR/shop && go build -ldflags '-s -X main.who=it'\''s' ./cmd/server`:  at("/src/all/shop", "shop/", base),
		`cd 'my shop' && git worktree add --detach DIR main && cd 'DIR/my shop' && go build -ldflags '-s -X main.who=it'\''s' ./cmd/server`: at("my shop", "my shop/", base),
	} {
		e, ok := errors.AsType[*exitError](notBuilt(failed))
		if !ok || e.code != harness.ExitNotRun || e.hint != want {
			t.Errorf("%+v: %+v, want exit %d and the hint %q", failed, e, harness.ExitNotRun, want)
		}
	}
}

// What a scenario names is beside its file, unless the path is absolute.
func TestPathIn(t *testing.T) {
	absolute := t.TempDir()
	for _, test := range []struct{ dir, name, want string }{
		{".", "shop", "shop"}, {absolute, "shop", filepath.Join(absolute, "shop")}, {absolute, "", absolute},
		{".", absolute, absolute}, {"sub", absolute, absolute},
	} {
		if got := pathIn(test.dir, test.name); got != test.want {
			t.Errorf("%q of a scenario in %q is at %q, want %q", test.name, test.dir, got, test.want)
		}
	}
}
