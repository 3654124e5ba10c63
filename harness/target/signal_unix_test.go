//go:build unix

package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInterruptIsIgnored(t *testing.T) {
	t.Parallel()
	p := start(t, command("serve"))
	if group, err := syscall.Getpgid(p.Pid()); err != nil || group != p.Pid() {
		t.Errorf("process group %d, error %v, want its own, %d: the terminal's Ctrl-C would reach it", group, err, p.Pid())
	}
	if err := syscall.Kill(p.Pid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.Pid(), syscall.SIGTERM); err != nil { // delivered after SIGINT
		t.Fatal(err)
	}
	await(t, "end after SIGTERM", p.Done())
	if want := (Exit{Tail: "closed"}); p.Exit() != want {
		t.Errorf("exit %+v, want %+v: an orderly end, by SIGTERM", p.Exit(), want)
	}
}

func TestStubbornTargetIsKilled(t *testing.T) {
	t.Parallel()
	p := start(t, command("stubborn"))
	err := p.Stop(10 * time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), `target "stubborn": did not stop within 10ms: killed`) {
		t.Errorf("error %v, want that it was killed", err)
	}
	if exit := p.Exit(); exit.Code != -1 || exit.Signal != "killed" {
		t.Errorf("exit %+v, want the signal killed", exit)
	}
}

func TestStopAsksInTwoWays(t *testing.T) {
	t.Parallel()
	for child, want := range map[string]Exit{
		"end with the lifeline only": {},
		"end with SIGTERM only":      {Code: -1, Signal: "terminated"},
	} {
		p := start(t, command(child))
		if err := p.Stop(testDeadline); err != nil {
			t.Errorf("%s: %v", child, err)
		}
		if p.Exit() != want {
			t.Errorf("%s: exit %+v, want %+v", child, p.Exit(), want)
		}
	}
}

func TestKillEndsTheGroup(t *testing.T) {
	t.Parallel()
	p := start(t, command("stay with a descendant"))
	p.Kill()
	await(t, "end after Kill", p.Done())
	if got, want := p.Exit().String(), "ended by signal: killed"; got != want {
		t.Errorf("exit %q, want %q", got, want)
	}
	descendant, err := strconv.Atoi(p.Exit().Tail)
	if err != nil {
		t.Fatal(err)
	}
	awaitGone(t, descendant)
	p.Kill() // of what is done: nothing
}

func TestTargetEndsWithItsLab(t *testing.T) {
	t.Parallel()
	c := command("lab")
	lab := exec.Command(c.Path)
	lab.Env = append(os.Environ(), c.Env...)
	out, err := lab.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lab.Process.Kill() })
	var pid int
	var app string
	if _, err := fmt.Sscan(firstLine(t, out), &pid, &app); err != nil {
		t.Fatal(err)
	}
	get(t, "http://"+app+"/self")
	if err := lab.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = lab.Wait()
	awaitGone(t, pid)
}

func TestNothingIsLeftOfAFailedStart(t *testing.T) {
	t.Parallel()
	c := command("silent")
	c.StartTimeout = testDeadline
	c.LogPath = filepath.Join(t.TempDir(), "log")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pid := make(chan int, 1)
	go func() {
		defer cancel()
		for deadline := time.Now().Add(testDeadline); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			text, _ := os.ReadFile(c.LogPath)
			if id, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && bytes.HasSuffix(text, []byte("\n")) {
				pid <- id
				return
			}
		}
		pid <- 0
	}()
	if _, err := Start(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want %v", err, context.Canceled)
	}
	if id := <-pid; id == 0 || !gone(id) {
		t.Errorf("process %d is there after Start failed", id)
	}
}

// awaitGone waits until a process has ended that is not this one's child, so that
// nothing tells of its end.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(testDeadline); !gone(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("process %d lives on after %s", pid, testDeadline)
		}
	}
}

// gone tells whether a process has ended. One that is nobody's child may stay a
// zombie where the first process of a container does not reap.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}
