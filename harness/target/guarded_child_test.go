//go:build unix

package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

func init() { maps.Copy(children, guardedChildren) }

// guardedChildren are the guard and the commands of tests of it. A command is told
// by PORT where to listen.
var guardedChildren = map[string]func() error{
	"guard": func() error {
		os.Exit(Guard(os.Stdin, os.Stdout, os.Stderr))
		return nil
	},
	// service answers /ready at the third time, greets on standard output once it
	// listens, and says its id on standard error.
	"service": func() error {
		fmt.Fprintln(os.Stderr, "I am", os.Getpid())
		l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
		if err != nil {
			return err
		}
		fmt.Println("listening on", l.Addr())
		var asked atomic.Int32
		return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) < 3 {
				http.Error(w, "not yet", http.StatusServiceUnavailable)
			}
		}))
	},
	"unready service": func() error {
		l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
		if err != nil {
			return err
		}
		return http.Serve(l, http.NotFoundHandler())
	},
	"mute": func() error { select {} },
	"fail": func() error { return errors.New("no such table") },
	// family and stubborn family are a command and its descendant, which hold out
	// against SIGTERM in the latter. The descendant says its id.
	"family": func() error { return family("mute", os.Stdout) },
	"stubborn family": func() error {
		signal.Ignore(syscall.SIGTERM)
		return family("deaf", os.Stdout)
	},
	// patient family ends when its descendant, which heeds SIGTERM, has.
	"patient family": func() error {
		signal.Ignore(syscall.SIGTERM)
		descendant, err := descend("polite", io.Discard)
		if err != nil {
			return err
		}
		return descendant.Wait()
	},
	"polite": func() error {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Println(os.Getpid()) // once it would not miss the signal
		<-asked
		return nil
	},
	"orphaning": func() error {
		_, err := descend("mute", os.Stdout)
		return err
	},
	"deaf": func() error {
		signal.Ignore(syscall.SIGTERM)
		select {}
	},
	"killed": func() error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) },
	"print":  func() error { fmt.Println("TOKEN=abc"); fmt.Fprintln(os.Stderr, "chatter"); return nil },
	"flood":  func() error { fmt.Print(strings.Repeat("x", 2*maxOutputBytes)); return nil },
	"input": func() error { // ends with its standard input
		text, err := io.ReadAll(os.Stdin)
		fmt.Fprintf(os.Stderr, "read %q\n", text)
		return err
	},
	// guarded lab starts a family as a lab does, says its id and the descendant's,
	// and lives until it is killed.
	"guarded lab": func() error {
		g := guarded("family")
		log, err := os.CreateTemp("", "leaklab-*.log")
		if err != nil {
			return err
		}
		defer os.Remove(log.Name())
		g.LogPath = log.Name()
		p, err := g.spawn(g.config(), newStarted(), newTextWatch("x"))
		if err != nil {
			return err
		}
		var descendant int
		for descendant == 0 {
			_, _ = fmt.Fscan(log, &descendant)
		}
		fmt.Println(p.Pid(), descendant)
		select {}
	},
}

// family starts a descendant and stays.
func family(child string, out io.Writer) error {
	if _, err := descend(child, out); err != nil {
		return err
	}
	select {}
}

// descend starts a descendant and writes its id.
func descend(child string, out io.Writer) (*exec.Cmd, error) {
	c := command(child)
	descendant := exec.Command(c.Path)
	descendant.Env = append(os.Environ(), c.Env...)
	descendant.Stdout = os.Stdout
	if err := descendant.Start(); err != nil {
		return nil, err
	}
	_, err := fmt.Fprintln(out, descendant.Process.Pid)
	return descendant, err
}

// guarded is a child as a command of the user's. With -race, Go would have it
// sleep for a second at its exit.
func guarded(child string) Guarded {
	c := command(child)
	c.Env = append(c.Env, "GORACE=atexit_sleep_ms=0")
	return Guarded{
		Name: child, Guard: []string{"/usr/bin/env", childEnv + "=guard", c.Path},
		Command: []string{c.Path}, Env: c.Env,
	}
}

// told is a child that is told its port.
func told(t *testing.T, child string) (Guarded, Readiness) {
	t.Helper()
	var ports Ports
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	g := guarded(child)
	g.Env = append(g.Env, fmt.Sprint("PORT=", port))
	return g, Readiness{App: loopback(port), Timeout: testDeadline}
}

// startGuardedChild starts a child that is expected to get ready, and ends it with
// the test.
func startGuardedChild(t *testing.T, g Guarded, r Readiness) *Process {
	t.Helper()
	p, err := StartGuarded(context.Background(), g, r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.killAndWait() })
	return p
}
