package main

import (
	"errors"
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
	for want, p := range map[string]build.Program{
		"go build -tags dev ./cmd/server":                                                                                      {Dir: ".", Build: server},
		"cd services/shop && go build -tags dev ./cmd/server":                                                                  {Dir: "services/shop", Build: server},
		`git worktree add --detach DIR main and there go build -ldflags '-s -X main.who=it'\''s' ./cmd/server`:                 {Dir: ".", Build: base},
		`git worktree add --detach DIR main and there cd 'my shop' && go build -ldflags '-s -X main.who=it'\''s' ./cmd/server`: {Dir: "my shop", Build: base},
	} {
		failed, ok := errors.AsType[*exitError](notBuilt(&build.Error{Program: p, Err: errors.New("undefined: x")}))
		if !ok || failed.code != harness.ExitNotRun || failed.hint != want {
			t.Errorf("%s: %+v, want exit %d and the hint %q", p, failed, harness.ExitNotRun, want)
		}
	}
}
