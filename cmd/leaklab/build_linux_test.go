package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// An interrupt comes while a compiler, here a script, is at work in a work tree.
func TestInterruptedWhileItBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a compiler, which takes some seconds")
	}
	s := newShell(t)
	s.repository()
	if err := os.WriteFile(s.path("compiler"), []byte("#!/bin/sh\nsleep 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := s.prepare("run --set variants.branch.build.revision=main")
	c.cmd.Env = append(c.cmd.Env, "GOFLAGS=-toolexec="+s.path("compiler"))
	c.begin()
	c.until("there is a work tree", func() bool { return strings.Count(s.git("worktree", "list"), "\n") == 2 })
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.wait().want(harness.ExitInconclusive, "leaklab: error: build . at main: ", "interrupted (terminated)")
	s.wantOneWorkTree()
	s.wantNoTemp()
}
