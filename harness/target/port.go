package target

import (
	"fmt"
	"sync"
)

// Ports finds free ports of this machine for services that are told where to
// listen. A port that was given out is not given out again, but until its service
// listens anybody may take it.
type Ports struct {
	mu    sync.Mutex
	given map[uint16]bool
}

// Free is a port at which nobody listens.
func (p *Ports) Free() (uint16, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	const tries = 100 // each is new but for one in thousands
	for range tries {
		l, err := listen()
		if err != nil {
			return 0, err
		}
		port := addrPort(l).Port()
		if err := l.Close(); err != nil {
			return 0, fmt.Errorf("target: %w", err)
		}
		if !p.given[port] {
			if p.given == nil {
				p.given = map[uint16]bool{}
			}
			p.given[port] = true
			return port, nil
		}
	}
	return 0, fmt.Errorf("target: no free port in %d tries", tries)
}
