package main

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// The run goes on when its directory is full: what was measured is judged and
// printed, and what could be written is there.
func TestOutputDirectoryIsFull(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	mount(t, s.path("small"), 0, "size=128k")
	r := s.run("run ./pair.yaml --no-self-test --out small/out")
	r.want(harness.ExitNotRun, "no space left on device", "LEAK", "fraudcheck.(*checker).check", "FAIL: leaky leaks")
	s.run("report small/out").want(harness.ExitPass, "leaky")
	s.wantNoTemp()
}

// Permissions do not stop root; a file system that is mounted read-only does.
func TestOutputDirectoryIsReadOnly(t *testing.T) {
	s := newShell(t)
	mount(t, s.path("fixed"), syscall.MS_RDONLY, "")
	r := s.run("run ./single.yaml --no-self-test --out fixed/out")
	r.want(harness.ExitUsage, "leaklab: error: output directory fixed/out: ", "read-only file system", "hint: leaklab run --out DIR")
	if r.stdout != "" {
		t.Errorf("standard output: %q, want nothing", r.stdout)
	}
	s.wantNoTemp()
}

// mount mounts a file system in memory for the test.
func mount(t *testing.T, dir string, flags uintptr, options string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("only root may mount a file system")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
}
