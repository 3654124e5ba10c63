package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/target/limit"
)

// limited is a small incident: the leaking variant is killed within 10 s.
const limited = "run ./pair.yaml --no-self-test --out out --rate 200/s --set data.risky_users=1000 --set memory_limit=128MiB"

func TestIncident(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	s.run(limited+" --set variants.leaky.expect=leak").want(harness.ExitPass,
		"LEAK, oom-killed, expected", "killed for its memory after", "foretold for", "restarts an hour", "exit code 137", "128 MiB of memory each")
	record := s.record("out")
	if d := record.Variants[0].Death; d == nil || d.Cause != harness.OOMKilled || d.ForecastSeconds == nil || d.GCShare == nil {
		t.Errorf("death: %+v, want %s with a forecast and the share of collections", d, harness.OOMKilled)
	}
	if array := record.Variants[1]; array.Death != nil || array.Load.Requests < record.Variants[0].Load.Requests {
		t.Errorf("the fix: death %+v after %d requests, want it to outlast %d", array.Death, array.Load.Requests, record.Variants[0].Load.Requests)
	}
	s.wantNoTemp()
}

// A lab that is killed leaves its cgroups to the next, which removes them.
func TestCgroupsOfAKilledLab(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	c := s.start(limited)
	targets := c.targets(2)
	var dirs []string
	if limit.Enforceable() == nil {
		c.until("each target has a cgroup", func() bool {
			dirs = cgroupsOf(t, c.cmd.Process.Pid)
			return len(dirs) == len(targets)
		})
	}
	if err := c.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.done
	for _, target := range targets {
		target.wantGone(commandTime)
	}
	s.run("run ./single.yaml --set memory_limit=96MiB --out next" + timeUp).want(harness.ExitInconclusive)
	for _, dir := range dirs {
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s is left", dir)
		}
	}
}

// cgroupsOf finds the cgroups that a lab has made.
func cgroupsOf(t *testing.T, lab int) []string {
	t.Helper()
	var dirs []string
	for pattern := "/sys/fs/cgroup"; len(pattern) < 30; pattern += "/*" { // eight levels deep
		found, err := filepath.Glob(fmt.Sprintf("%s/leaklab-%d.*", pattern, lab))
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, found...)
	}
	return dirs
}
