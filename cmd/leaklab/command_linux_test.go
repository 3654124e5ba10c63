package main

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// TestCommandsEndWithTheLab ends the lab in two ways: nothing that it started may
// be left, the descendants of a command included.
func TestCommandsEndWithTheLab(t *testing.T) {
	service := buildService(t)
	for name, tt := range map[string]struct {
		signal syscall.Signal
		code   harness.ExitCode
	}{"interrupted": {syscall.SIGINT, harness.ExitInconclusive}, "killed": {syscall.SIGKILL, -1}} {
		t.Run(name, func(t *testing.T) {
			s := commandShell(t, service, tokenless+`
- name: a
  command: [sh, -c, "./program -child -port {{app_port}}; true"] # the shell stays
  after: [[sh, -c, "echo >after"]]
`)
			c := s.start("run --no-self-test --min-segments 100 --max-segments 10000 --max-time 1h --out out")
			c.await("segment 1 of")
			family := descendants(t, c.cmd.Process.Pid)
			if len(family) != 4 {
				t.Fatalf("%d descendants %+v, want a guard, a shell, the service and its child", len(family), family)
			}
			if err := c.cmd.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			c.wait().want(tt.code)
			for _, descendant := range family {
				descendant.wantGone(5 * time.Second) // a guard gives its command 2 s
			}
			if _, err := os.Stat(s.path("after")); (err == nil) != (tt.signal == syscall.SIGINT) {
				t.Errorf("what is to run after the load: %v", err)
			}
		})
	}
}

// descendants are all processes below one.
func descendants(t *testing.T, parent int) []child {
	var found []child
	for _, c := range children(t, parent) {
		found = append(append(found, c), descendants(t, c.pid)...)
	}
	return found
}
