package target

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

const (
	defaultReadyTime = 30 * time.Second
	// stopPatience is how long a guard may take to end its command.
	stopPatience = guardGrace + 3*time.Second
)

// Guarded is a command of the user's, to be run under a guard.
type Guarded struct {
	// Name is the variant's, for messages.
	Name string
	// Guard is the program, and its arguments, whose main calls [Guard].
	Guard []string
	// Command is the program of the user's and its arguments; Dir is where it
	// runs: empty, where the lab does.
	Command []string
	Dir     string
	// Env is added to the lab's own environment; the last of a name counts.
	Env []string
	// LogPath is the file of its output, as that of [Command].
	LogPath string
	// Limit keeps the memory of the command below a limit. Nil: none.
	Limit Limit
}

// StartGuarded starts a service of the user's and waits until it is ready, or for
// the time that r allows, or until ctx ends; ctx has no part in the service's life
// after that. The error says what was waited for and holds the tail of the
// service's output. On an error no process is left behind.
func StartGuarded(ctx context.Context, g Guarded, r Readiness) (*Process, error) {
	started, said, logged := newStarted(), newAnnouncement(), newTextWatch(r.Log)
	config := g.config()
	if r.announced() {
		config.Input = "null" // the first line of the input of one that uses [Serve]
	}
	p, err := g.spawn(config, started, io.MultiWriter(said, logged))
	if err != nil {
		return nil, fmt.Errorf("command of %q: %w", g.Name, err)
	}
	if r.Timeout == 0 {
		r.Timeout = defaultReadyTime
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.Timeout, fmt.Errorf("not ready after %s", r.Timeout))
	defer cancel()
	go func() {
		select {
		case <-p.done: // then there is nothing to wait for
			cancel()
		case <-ctx.Done():
		}
	}()
	if p.addresses, err = r.await(ctx, started, said, logged); err == nil {
		return p, nil
	}
	select {
	case <-p.done:
		err = fmt.Errorf("%s before it was ready", p.exit)
	default:
	}
	return nil, p.fail(err)
}

// fail ends the guard and its command, and says why with the tail of its output.
func (p *Process) fail(err error) error {
	stopErr := p.Stop(stopPatience)
	select {
	case <-p.done:
	default:
		return fmt.Errorf("command of %q: %w; %w", p.name, err, stopErr)
	}
	if p.exit.Tail == "" {
		return fmt.Errorf("command of %q: %w; it wrote nothing", p.name, err)
	}
	return fmt.Errorf("command of %q: %w; its output ends:\n%s", p.name, err, p.exit.Tail)
}

// RunGuarded runs a command of the user's to its end, or until ctx ends, and
// returns what it wrote to standard output; what it wrote to standard error goes
// to its log. A command that fails is an error with the tail of that.
func RunGuarded(ctx context.Context, g Guarded) ([]byte, error) {
	config := g.config()
	config.Output = true
	var output capped
	p, err := g.spawn(config, &output, io.Discard)
	if err != nil {
		return nil, err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return nil, p.fail(fmt.Errorf("%s: not done: %w", g.Command[0], context.Cause(ctx)))
	}
	if p.exit.Code != 0 || p.exit.Signal != "" {
		return nil, p.fail(fmt.Errorf("%s: %s", g.Command[0], p.exit))
	}
	return []byte(output.text.String()), nil
}

func (g Guarded) config() guardConfig {
	return guardConfig{Command: g.Command, Env: g.Env, Dir: g.Dir}
}

// spawn starts a guard with its configuration.
func (g Guarded) spawn(config guardConfig, stdout, output io.Writer) (*Process, error) {
	line, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return spawn(Command{Name: g.Name, Path: g.Guard[0], Args: g.Guard[1:], Config: line, LogPath: g.LogPath, Limit: g.Limit, guards: true}, stdout, output)
}
