package gauge

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// What an error of a reading says of a service that was there before.
var (
	ErrGone      = errors.New("the service is gone")
	ErrRestarted = errors.New("the service was restarted")
)

// comeback is how long a service may be away, by default, before it counts as
// gone: whoever restarts it does so at once.
const comeback = 2 * time.Second

// refused tells whether nobody listens: no connection came about, and not for
// want of time.
func refused(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial" && !dial.Timeout()
}

// broken tells whether a service may have ended: nobody listens, or the
// connection ended before the answer did.
func broken(err error) bool {
	return errors.Is(err, ErrGone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// process is a process of this machine and when it was started, for a pid comes
// again.
type process struct {
	pid     int // 0: one that the kernel cannot be asked about
	started uint64
}

// check tells whether the process is still the one of the first check.
func (p *process) check() error {
	now := startOf(p.pid)
	if p.started == 0 {
		p.started = now
	}
	if now != p.started {
		return fmt.Errorf("gauge: process %d has ended: %w", p.pid, ErrRestarted)
	}
	return nil
}
