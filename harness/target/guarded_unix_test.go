//go:build unix

package target

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

func TestGuardedIsReady(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Readiness){
		"when its port accepts":     func(*Readiness) {},
		"when a path answers":       func(r *Readiness) { r.URL = "/ready" },
		"when a whole URL answers":  func(r *Readiness) { r.URL = "http://" + r.App.String() + "/ready" },
		"when a line was logged":    func(r *Readiness) { r.Log = "listening on 127" },
		"when it was logged before": func(r *Readiness) { r.Log = "I am" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, r := told(t, "service")
			g.LogPath = filepath.Join(t.TempDir(), "log")
			change(&r)
			p := startGuardedChild(t, g, r)
			if p.App() != r.App.String() {
				t.Errorf("listens at %s, want %s", p.App(), r.App)
			}
			if err := p.Stop(testDeadline); err != nil {
				t.Error(err)
			}
			text, err := os.ReadFile(g.LogPath)
			want := fmt.Sprintf("I am %d\nlistening on %s\n", p.Pid(), r.App)
			if logged := strings.Contains(r.Log, "listening"); err != nil || !strings.HasPrefix(want, string(text)) || logged && string(text) != want {
				t.Errorf("log %q, error %v, want both outputs, and the command's own id: %q", text, err, want)
			}
			if exit := p.Exit(); exit.Code != -1 || exit.Signal != "terminated" {
				t.Errorf("exit %+v, want the command's: terminated", exit)
			}
		})
	}
}

func TestGuardedAnnouncesItself(t *testing.T) {
	t.Parallel()
	p := startGuardedChild(t, guarded("serve"), Readiness{Timeout: testDeadline})
	if got, want := get(t, "http://"+p.Probe()+"/debug/leaklab/x"), "probe /debug/leaklab/x"; got != want {
		t.Errorf("probe says %q, want %q", got, want)
	}
	get(t, "http://"+p.App()+"/self")
	if err := p.Stop(testDeadline); err != nil {
		t.Error(err)
	}
	if exit := p.Exit(); exit.Code != 0 || !strings.HasSuffix(exit.Tail, "closed") {
		t.Errorf("exit %+v, want an orderly end", exit)
	}
}

func TestGuardedStartErrors(t *testing.T) {
	t.Parallel()
	missing := guarded("mute")
	missing.Command = []string{"./no-such-program"}
	taken, at := told(t, "service")
	startGuardedChild(t, taken, at)
	at.Log = "listening on"
	for name, tt := range map[string]struct {
		guarded Guarded
		ready   Readiness
		want    []string // in the error
	}{
		"dies":       {guarded("crash"), at, []string{`command of "crash": exited with code 3 before it was ready`, "; its output ends:\n", "\nthe cause"}},
		"is missing": {missing, at, []string{"exited with code 127 before it was ready", "no-such-program"}},
		"port taken": {taken, at, []string{"exited with code 1 before it was ready", "address already in use"}},
		"remote":     {guarded("remote"), Readiness{}, []string{`said it listens at "app=192.0.2.1:80"`}},
	} {
		t.Run(name, func(t *testing.T) { wantStartError(t, tt.guarded, tt.ready, tt.want...) })
	}
}

// TestGuardedDeadline has each error name what was waited for. The deadline leaves
// time for the start of a guard and its command on a machine that is busy.
func TestGuardedDeadline(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for its deadlines, 3 s")
	}
	const deadline = 3 * time.Second
	mute, port := told(t, "mute")
	_, log := told(t, "mute")
	log.Log = "listening on"
	listening, also := told(t, "unready service")
	also.Also = loopback(port.App.Port())
	unready, http := told(t, "unready service")
	http.URL = "/ready"
	for name, tt := range map[string]struct {
		guarded Guarded
		ready   Readiness
		want    []string // in the error
	}{
		"no port":         {mute, port, []string{"waited for connections to be accepted at 127.0.0.1:", "refused", "; it wrote nothing"}},
		"no line":         {mute, log, []string{`waited for "listening on" in its output`}},
		"no second port":  {listening, also, []string{"waited for connections to be accepted at " + port.App.String()}},
		"no answer":       {unready, http, []string{"waited for an answer of http://127.0.0.1:", "/ready: status 404 Not Found"}},
		"no announcement": {mute, Readiness{}, []string{"waited for the line LISTEN app=<address> probe=<address>", "{{app_port}}"}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.ready.Timeout = deadline
			wantStartError(t, tt.guarded, tt.ready, append(tt.want, "not ready after 3s: ")...)
		})
	}
}

// wantStartError has a command not get ready, in parallel with other tests.
func wantStartError(t *testing.T, g Guarded, r Readiness, want ...string) {
	t.Parallel()
	p, err := StartGuarded(context.Background(), g, r)
	if err == nil {
		p.Kill()
		t.Fatal("started, want an error")
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %.600q, want one with %q", err, text)
		}
	}
}

func TestGuardedStartIsCutShort(t *testing.T) {
	t.Parallel()
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := StartGuarded(ctx, guarded("mute"), Readiness{}); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
}

// TestGuardOutlivesItsLab kills the lab where it stands: nothing of what it
// started may be left, descendants included.
func TestGuardOutlivesItsLab(t *testing.T) {
	t.Parallel()
	c := command("guarded lab")
	lab := exec.Command(c.Path)
	lab.Env = append(append(os.Environ(), c.Env...), "TMPDIR="+t.TempDir()) // it is killed, and removes nothing
	out, err := lab.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lab.Process.Kill() })
	var guard, descendant int
	if _, err := fmt.Sscan(firstLine(t, out), &guard, &descendant); err != nil {
		t.Fatal(err)
	}
	if gone(guard) || gone(descendant) {
		t.Fatalf("guard %d or descendant %d is gone before its time", guard, descendant)
	}
	if err := lab.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = lab.Wait()
	awaitGone(t, guard)
	awaitGone(t, descendant)
}

func TestGuardEndsTheGroup(t *testing.T) {
	t.Parallel()
	for child, end := range map[string]func(*Process) error{
		"family":          func(p *Process) error { return p.Stop(testDeadline) },
		"stubborn family": func(p *Process) error { return p.Stop(testDeadline) },
		"patient family": func(p *Process) error {
			err := p.Stop(testDeadline)
			if exit := p.Exit(); exit.Code != 0 {
				t.Errorf("exit %+v, want 0: the whole group is asked to end", exit)
			}
			return err
		},
		"orphaning": func(*Process) error { return nil }, // by itself
	} {
		t.Run(child, func(t *testing.T) {
			t.Parallel()
			p, descendant := startFamily(t, child)
			if err := end(p); err != nil {
				t.Error(err)
			}
			await(t, "end of the guard", p.Done())
			awaitGone(t, p.Pid())
			awaitGone(t, descendant)
		})
	}
}

// TestKillEndsTheGuarded has the guard killed as well, which then can do nothing.
func TestKillEndsTheGuarded(t *testing.T) {
	t.Parallel()
	p, descendant := startFamily(t, "stubborn family")
	p.Kill()
	await(t, "end of the guard", p.Done())
	awaitGone(t, p.Pid())
	awaitGone(t, descendant)
}

// startFamily starts a child with a descendant, and waits until both are there.
func startFamily(t *testing.T, child string) (p *Process, descendant int) {
	t.Helper()
	started, said := newStarted(), newTextWatch("\n")
	g := guarded(child)
	g.LogPath = filepath.Join(t.TempDir(), "log")
	p, err := g.spawn(g.config(), started, said)
	if err != nil {
		t.Fatal(err)
	}
	p.started = started
	t.Cleanup(func() { _ = p.killAndWait() })
	await(t, "start of the command", started.known)
	await(t, "start of the descendant", said.found)
	text, err := os.ReadFile(g.LogPath)
	if err != nil {
		t.Fatal(err)
	}
	if descendant, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		t.Fatal(err)
	}
	return p, descendant
}

func TestExitOfTheGuarded(t *testing.T) {
	t.Parallel()
	for child, want := range map[string]Exit{
		"killed": {Code: -1, Signal: "killed"},
		"fail":   {Code: 1, Tail: "no such table"},
	} {
		p, err := guarded(child).spawn(guarded(child).config(), newStarted(), newTextWatch(""))
		if err != nil {
			t.Fatal(err)
		}
		await(t, "end of "+child, p.Done())
		if p.Exit() != want {
			t.Errorf("%s: exit %+v, want %+v", child, p.Exit(), want)
		}
	}
}

func TestRunGuarded(t *testing.T) {
	t.Parallel()
	g := guarded("print")
	g.LogPath = filepath.Join(t.TempDir(), "log")
	output, err := RunGuarded(t.Context(), g)
	log, logErr := os.ReadFile(g.LogPath)
	if string(output) != "TOKEN=abc\n" || err != nil || string(log) != "chatter\n" || logErr != nil {
		t.Errorf("output %q, log %q, errors %v, %v: want the one in the first, the other in the second", output, log, err, logErr)
	}
	if output, err := RunGuarded(t.Context(), guarded("flood")); len(output) != maxOutputBytes || err != nil {
		t.Errorf("%d bytes of output, error %v, want %d of them", len(output), err, maxOutputBytes)
	}
	if _, err := RunGuarded(t.Context(), guarded("fail")); err == nil || !strings.Contains(err.Error(), "exited with code 1; its output ends:\nno such table") {
		t.Errorf("error %v, want the exit code and what it wrote", err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("not within its time"))
	defer cancel()
	if _, err := RunGuarded(ctx, guarded("stubborn family")); err == nil || !strings.Contains(err.Error(), "not done: not within its time") {
		t.Errorf("error %v, want that its time was up", err)
	}
}

// TestGuardHoldsTheInput is for commands that end with their standard input, as
// targets do: it must stay open, and close when the command is to end.
func TestGuardHoldsTheInput(t *testing.T) {
	t.Parallel()
	g := guarded("input")
	config := g.config()
	config.Input = "null"
	started := newStarted()
	p, err := g.spawn(config, started, newTextWatch(""))
	if err != nil {
		t.Fatal(err)
	}
	await(t, "start of the command", started.known)
	_ = p.lifeline.Close()
	await(t, "end with the input", p.Done())
	if exit := p.Exit(); !strings.Contains(exit.Tail, `read "null\n"`) && exit.Signal == "" {
		t.Errorf("exit %+v, want that it read its input to the end, or was told to end", exit)
	}
}
