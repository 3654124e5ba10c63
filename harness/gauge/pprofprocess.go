package gauge

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// FindProcess finds the process that serves the profiles, by who listens at
// their port, and returns its pid: 0 where it is not on this machine, the kernel
// does not tell, or the listener only passes connections on. From then on the
// footprint is part of each reading.
func (p *Pprof) FindProcess(ctx context.Context) int {
	port := loopbackPort(p.base)
	if port == 0 {
		return 0
	}
	pid := listenerOf(port)
	if pid == 0 {
		return 0
	}
	// A proxy in front of a container listens here but is another program.
	if says, err := p.get(ctx, "cmdline", maxAnswer); err == nil {
		if !slices.Equal(strings.Split(string(says), "\x00"), commandLineOf(pid)) {
			return 0
		}
	}
	p.process = process{pid: pid}
	return pid
}

// loopbackPort is the port of a URL with a loopback address, else 0.
func loopbackPort(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	if addr, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !addr.IsLoopback()) {
		return 0
	}
	port, err := net.LookupPort("tcp", cmp.Or(u.Port(), u.Scheme))
	if err != nil {
		return 0
	}
	return port
}
