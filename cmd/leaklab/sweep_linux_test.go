package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/sweep"
)

func TestInterruptedSweepKeepsWhatIsDone(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start(small)
	c.await("2 of 2  ")
	target := c.targets(1)
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	c.wait().want(harness.ExitInconclusive, "INTERRUPTED: 1 of 2 points measured", "hint: the same command with --out out goes on")
	target[0].wantGone(0)
	if swept := s.sweep("out"); swept.Complete || swept.Count(sweep.Done) != 1 {
		t.Errorf("complete = %v with %d points done, want 1 of an incomplete sweep", swept.Complete, swept.Count(sweep.Done))
	}
	if left := s.files("out", "journal.jsonl"); len(left) > 0 {
		t.Errorf("%q of the point that was interrupted is left", left)
	}
	again := s.run(small)
	again.want(harness.ExitPass, "1 of 2 points are in out already", "2 of 2 points measured")
	if strings.Contains(again.stderr, "1 of 2  ") {
		t.Errorf("the point that was done is run again:\n%s", again.stderr)
	}
	s.wantNoTemp()
}
