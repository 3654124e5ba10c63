package target

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
)

// maxPreambleBytes bounds what a target may write to standard output before it
// says where it listens: a library may greet there, not stream.
const maxPreambleBytes = 64 << 10

// addresses is where a target listens.
type addresses struct{ app, probe netip.AddrPort }

// String is the line by which a target says that it is ready.
func (a addresses) String() string {
	return fmt.Sprintf("LISTEN app=%s probe=%s", a.app, a.probe)
}

// parseAddresses reads what [addresses.String] writes. ok is false for a line
// that is none, err set for one that is but cannot be used.
func parseAddresses(line string) (a addresses, ok bool, err error) {
	fields := strings.Fields(line)
	if len(fields) == 0 || fields[0] != "LISTEN" {
		return addresses{}, false, nil
	}
	if len(fields) != 3 {
		return addresses{}, true, fmt.Errorf("said %.200q, want LISTEN app=<address> probe=<address>", line)
	}
	if a.app, err = parseAddress(fields[1], "app="); err != nil {
		return addresses{}, true, err
	}
	if a.probe, err = parseAddress(fields[2], "probe="); err != nil {
		return addresses{}, true, err
	}
	return a, true, nil
}

// parseAddress reads a loopback address and port. Only such a one is reached:
// what a process prints does not choose which host is loaded.
func parseAddress(field, key string) (netip.AddrPort, error) {
	text, ok := strings.CutPrefix(field, key)
	addr, err := netip.ParseAddrPort(text)
	if !ok || err != nil || !addr.Addr().IsLoopback() || addr.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("said it listens at %.200q, want %s, a loopback address and a port, such as %s127.0.0.1:8080", field, key, key)
	}
	return addr, nil
}

// announcement is the writer of a target's standard output. It finds the line
// that says where the target listens and drops all else, forever: a pipe that
// nobody reads would block the target.
type announcement struct {
	line    []byte // of the line that is not yet complete
	written int    // bytes so far
	// settled is closed when either of the next is known.
	settled   chan struct{}
	addresses addresses
	err       error
}

func newAnnouncement() *announcement { return &announcement{settled: make(chan struct{})} }

// Write never fails: the target's writing would fail with it.
func (a *announcement) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0 && !a.isSettled(); {
		part, after, complete := bytes.Cut(rest, []byte("\n"))
		a.line = append(a.line, part...)
		a.written += len(rest) - len(after)
		rest = after
		if a.written > maxPreambleBytes {
			a.settle(addresses{}, fmt.Errorf("wrote over %d KiB to standard output before LISTEN app=<address> probe=<address>", maxPreambleBytes>>10))
		} else if complete {
			if found, ok, err := parseAddresses(string(a.line)); ok {
				a.settle(found, err)
			}
			a.line = a.line[:0]
		}
	}
	return len(p), nil
}

func (a *announcement) isSettled() bool {
	select {
	case <-a.settled:
		return true
	default:
		return false
	}
}

func (a *announcement) settle(found addresses, err error) {
	a.addresses, a.err, a.line = found, err, nil
	close(a.settled)
}
