package scenarios

import (
	"context"
	"net/http"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
)

// Case is one defect with its remedies: handlers that answer the same requests
// from the same data.
type Case struct {
	// Name is the case's name: the last part of its package's path.
	Name string
	// Needs are the backends that every handler of the case needs.
	Needs backend.Needs
	// Handlers are the leaky one and the others.
	Handlers []Handler
	// Defaults is the data that a scenario changes. Its type decides which keys
	// data may have: those of its yaml tags.
	Defaults Data
}

// Data sizes what the backends of a case are filled with, and gives the requests
// that go with it.
type Data interface {
	// Validate reports all mistakes at once.
	Validate() error
	// Fill makes and fills the tables of an empty database.
	Fill(ctx context.Context, databaseURL string) error
	// Stream is the requests and their expected answers.
	Stream() harness.Stream
}

// Handler is a built-in program: a variant of a scenario names it.
type Handler struct {
	// Name is its package's path in this module: leaky/fraudcheck.
	Name string
	// About says in a sentence what it does. Complexity and BestFor are its part
	// of the trade-off table.
	About, Complexity, BestFor string
	// FalsePositives tells that it may answer yes where no is true: such answers
	// are counted, but are not wrong.
	FalsePositives bool
	// New makes the handler inside its target. What it starts ends with ctx;
	// stop, to be called after that, waits for it and closes the connections.
	New func(ctx context.Context, env Env) (handler http.Handler, stop func() error, err error)
}

// Env is what a handler runs with.
type Env struct {
	backend.Endpoints
	// Data are the scenario's, decoded by [Case.Decode].
	Data Data
}

// Cases are all cases that leaklab brings.
func Cases() []Case { return slices.Clone(cases) }

var cases = []Case{fraudcheckCase}

// Lookup finds a built-in handler and its case by the handler's name.
func Lookup(name string) (Case, Handler, bool) {
	for _, c := range cases {
		for _, h := range c.Handlers {
			if h.Name == name {
				return c, h, true
			}
		}
	}
	return Case{}, Handler{}, false
}

// caseOf is the case of the first variant whose handler is known.
func caseOf(variants []harness.Variant) (Case, bool) {
	for _, v := range variants {
		if c, _, ok := Lookup(v.Handler); ok {
			return c, true
		}
	}
	return Case{}, false
}

// handlerNames are the names of all built-in handlers.
func handlerNames() []string {
	var names []string
	for _, c := range cases {
		for _, h := range c.Handlers {
			names = append(names, h.Name)
		}
	}
	return names
}
