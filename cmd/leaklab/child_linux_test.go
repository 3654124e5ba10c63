package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is a target. Its parent may be gone, and its id be another's: began
// tells.
type child struct {
	*testing.T
	pid   int
	began string
}

// targets waits until leaklab has so many child processes, and takes them for
// its targets, the oldest first.
func (c *command) targets(count int) []child {
	c.Helper()
	var found []child
	c.until(fmt.Sprintf("it has %d targets", count), func() bool {
		found = children(c.T, c.cmd.Process.Pid)
		return len(found) >= count
	})
	return found
}

func children(t *testing.T, parent int) []child {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var found []child
	for _, stat := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err != nil {
			continue
		}
		if state, ppid, began := status(pid); ppid == parent && state != "Z" {
			found = append(found, child{t, pid, began})
		}
	}
	return found
}

// status is the state, the parent and the start time of a process, see proc(5);
// zero when there is none.
func status(pid int) (state string, parent int, began string) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, ""
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	parent, _ = strconv.Atoi(fields[1])
	return fields[0], parent, fields[19]
}

func (c child) signal(signal syscall.Signal) {
	c.Helper()
	if err := syscall.Kill(c.pid, signal); err != nil {
		c.Fatalf("signal %s to target %d: %v", signal, c.pid, err)
	}
}

// wantGone waits until the process has ended, which it must within a time. One
// that nobody has waited for yet has ended.
func (c child) wantGone(within time.Duration) {
	c.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		state, _, began := status(c.pid)
		if began != c.began || state == "Z" || state == "X" {
			return
		}
		if time.Now().After(deadline) {
			_ = syscall.Kill(c.pid, syscall.SIGKILL)
			c.Errorf("target %d is still there (state %s) after %s", c.pid, state, within)
			return
		}
	}
}
