// Package selftest shows that the gate can be trusted on this machine, before it
// judges anything else: it has a planted leak and its clean twin judged by the
// lab, each in a process of its own, and says whether both were judged right.
//
// It refuses to know how the lab judges: it knows two programs and what must be
// said of them. It stands beside the start-up in the flow, above package lab,
// which is given it as a function.
package selftest

import (
	"io"
	"net/http"
	"sync"
)

// Names of the handlers.
const (
	Planted = "selftest/planted"
	Twin    = "selftest/twin"
)

// Handler is the program of a name, for the target's side.
func Handler(name string) (http.Handler, bool) {
	switch name {
	case Planted:
		return &program{keeps: true}, true
	case Twin:
		return &program{}, true
	}
	return nil, false
}

// program allocates a node for each request. The planted leak keeps them all,
// each by the one after it; its twin keeps the last. That is all they differ by.
type program struct {
	keeps bool
	mu    sync.Mutex
	last  *node
}

// node takes 32 B, with nothing lost to its size class.
type node struct {
	before *node
	_      [3]int64
}

func (p *program) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	n := new(node)
	p.mu.Lock()
	if p.keeps {
		n.before = p.last
	}
	p.last = n
	p.mu.Unlock()
	_, _ = io.WriteString(w, answer)
}

const answer = "ok"
