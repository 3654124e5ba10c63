// Package target starts a process under test, waits until it is ready, and ends
// it; and, on the other side of the pipe, is such a process. The two meet in a
// line each way: the lab sends the configuration as the first line of the
// target's standard input, the target says on standard output where it listens.
// The input then stays open as a lifeline: when the lab dies, by any signal, it
// closes, and the target exits.
//
// It refuses to reach a target that does not listen on a loopback address, and
// it does not restart, load or read one. It stands between the backends and the
// load in the flow. A target imports none of the lab's other verbs: its memory
// is the service's, not the lab's.
package target

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	defaultStartTimeout = 10 * time.Second
	// pipeTimeout bounds the wait for the output of a process that ended while a
	// descendant of it holds the pipe open.
	pipeTimeout = time.Second
	// killTimeout bounds the wait for a killed process. Longer means that the
	// kernel does not let go of it.
	killTimeout = 10 * time.Second
)

// Command is a target to start.
type Command struct {
	// Name is the variant's, for messages.
	Name string
	// Path and Args are the program and its arguments.
	Path string
	Args []string
	// Env is added to the lab's own environment; the last of a name counts.
	Env []string
	// Config is a JSON value, sent as the first line of standard input: secrets
	// in it stand neither in the arguments nor in the environment, which other
	// processes can read. Empty: null.
	Config []byte
	// LogPath is the file that standard error goes to, at most 64 MiB of it,
	// readable by its owner alone. Empty: only its tail is kept.
	LogPath string
	// StartTimeout bounds the time until the target is ready. Zero: 10 s.
	StartTimeout time.Duration
	// Limit keeps its memory, and that of what it starts, below a limit. Nil: none.
	Limit Limit

	guards bool // whether the program is a guard, whose exit code is its command's
}

// Process is a running target, or one that ran. Its methods are safe for
// concurrent use.
type Process struct {
	name      string
	cmd       *exec.Cmd
	lifeline  io.Closer
	started   *started // of a guard; nil: the process is the target itself
	addresses addresses
	exit      Exit // readable once done is closed
	done      chan struct{}
}

// Exit is how a process ended.
type Exit struct {
	// Code is the exit code; −1 where a signal ended the process.
	Code int
	// Signal is the signal's name; empty where the process exited by itself.
	Signal string
	// Tail is the end of what it wrote to standard error, at most 4 KiB.
	Tail string
	// OOMKilled tells whether its memory limit ended it, and Evidence how that is
	// known; empty where it did not.
	OOMKilled bool
	Evidence  string
}

// String says how the process ended, and nothing of its output.
func (e Exit) String() string {
	if e.OOMKilled {
		return "killed for its memory: " + e.Evidence
	}
	if e.Signal != "" {
		return "ended by signal: " + e.Signal
	}
	return fmt.Sprintf("exited with code %d", e.Code)
}

// Start starts a target and waits until it is ready, or for its StartTimeout, or
// until ctx ends; ctx has no part in the target's life after that. The error says
// what happened and holds the tail of the target's standard error. On an error
// no process is left behind.
func Start(ctx context.Context, c Command) (*Process, error) {
	if c.StartTimeout == 0 {
		c.StartTimeout = defaultStartTimeout
	}
	said := newAnnouncement()
	p, err := spawn(c, said, io.Discard)
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", c.Name, err)
	}
	timer := time.NewTimer(c.StartTimeout)
	defer timer.Stop()
	select {
	case <-said.settled:
		if p.addresses, err = said.addresses, said.err; err == nil {
			return p, nil
		}
	case <-p.done:
		err = fmt.Errorf("%s before it was ready", p.exit)
	case <-timer.C:
		err = fmt.Errorf("not ready after %s", c.StartTimeout)
	case <-ctx.Done():
		err = fmt.Errorf("not ready: %w", context.Cause(ctx))
	}
	if killErr := p.killAndWait(); killErr != nil {
		return nil, fmt.Errorf("target %q: %w; %w", c.Name, err, killErr)
	}
	if p.exit.Tail == "" {
		return nil, fmt.Errorf("target %q: %w; nothing on its standard error", c.Name, err)
	}
	return nil, fmt.Errorf("target %q: %w; its standard error ends:\n%s", c.Name, err, p.exit.Tail)
}

// spawn starts the process, sends it its configuration and reaps it when it ends.
// Its standard error goes to its log and to watch.
func spawn(c Command, stdout, watch io.Writer) (*Process, error) {
	if len(c.Config) == 0 {
		c.Config = []byte("null")
	}
	var config bytes.Buffer
	if err := json.Compact(&config, c.Config); err != nil { // one line, whatever it was
		return nil, fmt.Errorf("config: %w", err)
	}
	config.WriteByte('\n')

	stderr, err := openLog(c.LogPath)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = stdout, io.MultiWriter(stderr, watch)
	cmd.WaitDelay = pipeTimeout
	setProcessGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stderr.close()
		return nil, err
	}
	p := &Process{name: c.Name, cmd: cmd, lifeline: stdin, done: make(chan struct{})}
	if c.guards {
		p.started, _ = stdout.(*started)
	}
	if c.Limit != nil {
		if err := c.Limit.Enforce(p); err != nil {
			kill(cmd.Process)
			_ = cmd.Wait()
			stderr.close()
			return nil, err
		}
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		// An error means that the process ended or was stopped: told elsewhere.
		_, _ = config.WriteTo(stdin)
	}()
	go func() {
		defer close(p.done)
		// Its error repeats the state, or says that a descendant held a pipe.
		_ = cmd.Wait()
		<-sent // Wait closed the pipe
		stderr.close()
		p.exit = exitOf(cmd.ProcessState, stderr.tail())
		if c.guards {
			p.exit = p.exit.unguarded()
		}
		if c.Limit != nil {
			p.exit.Evidence, p.exit.OOMKilled = c.Limit.Ended()
		}
	}()
	return p, nil
}

func exitOf(state *os.ProcessState, tail string) Exit {
	e := Exit{Code: state.ExitCode(), Tail: tail}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Signal = status.Signal().String()
	}
	return e
}

// App is the loopback address, host and port, of the service under test.
func (p *Process) App() string { return p.addresses.app.String() }

// Probe is the loopback address, host and port, of the probe inside the target.
func (p *Process) Probe() string { return p.addresses.probe.String() }

// Pid is the target's process id, not that of its guard; it may be another
// process's once it is done.
func (p *Process) Pid() int {
	if pid := p.guarded(); pid > 0 {
		return pid
	}
	return p.cmd.Process.Pid
}

// guarded is the process that a guard has started, 0 where there is none.
func (p *Process) guarded() int {
	if p.started == nil {
		return 0
	}
	select {
	case <-p.started.known:
		return p.started.pid
	default:
		return 0
	}
}

// Done is closed when the process has ended and its output was read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit waits until the process is done and says how it ended.
func (p *Process) Exit() Exit {
	<-p.done
	return p.exit
}
