package main

import (
	"bufio"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// endless keeps a run going for longer than any test takes: no verdict is due.
const endless = " --no-self-test --out out --rate 200/s --min-segments 2000 --max-segments 2000 --max-time 60s"

func TestTargetCrashes(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start("run ./pair.yaml --no-self-test --out out --rate 400/s --min-segments 12")
	killed := c.targets(2)[0]
	c.await("segment 1 of")
	killed.signal(syscall.SIGKILL)
	c.wait().want(harness.ExitNotRun, "crashed: ended by signal: killed")
	var died, lived int
	for _, v := range s.record("out").Variants {
		if v.Death == nil {
			lived = len(v.Checkpoints)
			continue
		}
		if died = len(v.Checkpoints); v.Death.Cause != harness.Crashed {
			t.Errorf("cause of death: %s, want %s", v.Death.Cause, harness.Crashed)
		}
	}
	if died == 0 || lived < 12 {
		t.Errorf("%d checkpoints of the target that was killed, %d of the other, want some and at least 12", died, lived)
	}
	s.wantNoTemp()
}

// A target that hangs is found by its checkpoint, which has 20 s.
func TestTargetHangs(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start("run ./single.yaml" + endless + " --segment 8 --set load.timeout=100ms --max-time 100s")
	hung := c.targets(1)[0]
	c.await("segment 1 of")
	hung.signal(syscall.SIGSTOP)
	c.wait().want(harness.ExitNotRun, "hung: ")
	v := s.record("out").Variants[0]
	if v.Death == nil || v.Death.Cause != harness.Hung || len(v.Checkpoints) == 0 {
		t.Errorf("death: %+v, want a hung target; %d checkpoints, want some", v.Death, len(v.Checkpoints))
	}
	hung.wantGone(time.Second)
	s.wantNoTemp()
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, signals := range map[string][]os.Signal{
		"SIGINT":       {syscall.SIGINT},
		"SIGTERM":      {syscall.SIGTERM},
		"SIGINT twice": {syscall.SIGINT, syscall.SIGINT}, // within a second: the same one
	} {
		t.Run(name, func(t *testing.T) {
			if len(signals) > 1 {
				skipSlow(t)
			}
			s := newShell(t)
			c := s.start("run ./pair.yaml" + endless)
			targets := c.targets(2)
			c.await("segment 1 of")
			for _, signal := range signals {
				if err := c.cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
			}
			c.wait().want(harness.ExitInconclusive, "INCONCLUSIVE: the run was interrupted")
			if record := s.record("out"); record.Complete || len(record.Variants[0].Checkpoints) == 0 {
				t.Errorf("complete = %v with %d checkpoints, want an incomplete run and some", record.Complete, len(record.Variants[0].Checkpoints))
			}
			if _, err := os.Stat(s.path("out/report.md")); err != nil {
				t.Error(err)
			}
			for _, target := range targets {
				target.wantGone(0)
			}
			s.wantNoTemp()
		})
	}
}

// Whoever stops reading ends the command, which says nothing of it.
func TestBrokenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	c := newShell(t).prepare("list")
	c.cmd.Stdout = w
	c.begin()
	if got := c.wait(); got.code != int(harness.ExitInconclusive) || got.stderr != "" {
		t.Errorf("list without a reader: exit %d, stderr %q; want %d and nothing", got.code, got.stderr, harness.ExitInconclusive)
	}
}

// A run that nobody follows any more ends as one that is interrupted.
func TestBrokenPipeEndsARun(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.prepare("run ./pair.yaml" + endless)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() // once more, where the test ends early
	c.cmd.Stdout, c.cmd.Stderr = w, w
	c.begin()
	w.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() && !strings.Contains(lines.Text(), "segment 1 of") {
	}
	targets := c.targets(2)
	r.Close()
	c.wait().want(harness.ExitInconclusive)
	if record := s.record("out"); record.Complete || len(record.Variants[0].Checkpoints) == 0 {
		t.Errorf("complete = %v with %d checkpoints, want an incomplete run and some", record.Complete, len(record.Variants[0].Checkpoints))
	}
	for _, target := range targets {
		target.wantGone(0)
	}
	s.wantNoTemp()
}

// A broken pipe of a socket, here without one, is nothing to a run.
func TestBrokenPipeOfASocket(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start("run ./single.yaml --no-self-test --out out")
	c.await("segment 1 of")
	if err := c.cmd.Process.Signal(syscall.SIGPIPE); err != nil {
		t.Fatal(err)
	}
	c.wait().want(harness.ExitPass)
}

// A start that was interrupted is no failure to start.
func TestInterruptedWhileTargetsStart(t *testing.T) {
	s := newShell(t)
	c := s.start("run ./pair.yaml" + endless)
	targets := c.targets(1)
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	c.wait().want(harness.ExitInconclusive, "INCONCLUSIVE: the run was interrupted")
	for _, target := range targets {
		target.wantGone(0)
	}
	s.wantNoTemp()
}

// A signal more than a second after the first ends leaklab at once, though a
// target that was stopped holds it up, and that target too.
func TestInterruptedAgain(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start("run ./single.yaml" + endless)
	target := c.targets(1)[0]
	c.await("segment 1 of")
	target.signal(syscall.SIGSTOP)
	for ended := false; !ended; {
		_ = c.cmd.Process.Signal(syscall.SIGINT) // an error means that it has ended
		select {
		case <-c.done:
			ended = true
		case <-time.After(200 * time.Millisecond):
		}
	}
	c.wait().want(harness.ExitInconclusive)
	target.wantGone(3 * time.Second)
	if record := s.record("out"); record.Complete || len(record.Variants[0].Checkpoints) == 0 {
		t.Errorf("complete = %v with %d checkpoints, want an incomplete run and some", record.Complete, len(record.Variants[0].Checkpoints))
	}
}

func TestKilled(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start("run ./pair.yaml" + endless)
	targets := c.targets(2)
	c.until("the record is written", func() bool {
		_, err := os.Stat(s.path("out/run.json"))
		return err == nil
	})
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.done
	for _, target := range targets {
		target.wantGone(3 * time.Second)
	}
	s.run("report out").want(harness.ExitPass, "INCONCLUSIVE: the run was interrupted")
	if n := len(s.record("out").Variants[0].Checkpoints); n == 0 {
		t.Error("no checkpoint is on record")
	}
	if err := os.Remove(s.path("out/run.json")); err != nil {
		t.Fatal(err)
	}
	s.run("report out").want(harness.ExitPass, "the journal says")
	s.sweeps()
}

// sweeps checks that the next run removes the temporary directory of one that
// was killed a while ago.
func (s shell) sweeps() {
	s.Helper()
	left := s.temp()
	if len(left) != 1 {
		s.Fatalf("a killed run left %q, want a temporary directory", left)
	}
	longAgo := time.Now().Add(-time.Hour)
	if err := os.Chtimes(left[0], longAgo, longAgo); err != nil {
		s.Fatal(err)
	}
	s.run("run ./single.yaml --out next" + timeUp).want(harness.ExitInconclusive)
	s.wantNoTemp()
}
