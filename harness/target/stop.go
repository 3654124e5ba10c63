package target

import (
	"fmt"
	"os"
	"time"
)

// Stop asks the process to end, by its lifeline and by SIGTERM where there is
// one, kills it after grace, and returns when it is done. The error says that it
// had to be killed, or that even that did not end it. To stop a process that is
// done is no error.
func (p *Process) Stop(grace time.Duration) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	// Errors of the two mean that the process is ending already.
	_ = p.lifeline.Close()
	terminate(p.cmd.Process)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
	}
	if err := p.killAndWait(); err != nil {
		return fmt.Errorf("target %q: %w", p.name, err)
	}
	return fmt.Errorf("target %q: did not stop within %s: killed", p.name, grace)
}

// Kill ends the process and the processes of its group at once, and does not
// wait for them.
func (p *Process) Kill() {
	select {
	case <-p.done: // its id may be another process's by now
	default:
		if guarded, err := os.FindProcess(p.guarded()); err == nil && p.guarded() > 0 {
			kill(guarded)
		}
		kill(p.cmd.Process)
	}
}

func (p *Process) killAndWait() error {
	p.Kill()
	timer := time.NewTimer(killTimeout)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		return fmt.Errorf("process %d: still there %s after it was killed", p.Pid(), killTimeout)
	}
}
