package probe

import "context"

// Self reads the process that it is in by a call rather than over HTTP: for a
// test that measures its own functions. It serves one goroutine.
type Self struct{ prober *prober }

// NewSelf is a reader of this process.
func NewSelf() Self {
	return Self{&prober{Config: Config{DrainLimit: drainLimit}, meter: newMeter()}}
}

// Prewarm fills the runtime's free lists, as POST prewarm does.
func (s Self) Prewarm() { prewarm() }

// Checkpoint drains, collects twice and reads, as POST checkpoint does. Its error
// is that of a ctx that ended.
func (s Self) Checkpoint(ctx context.Context) (Reading, error) { return s.prober.read(ctx) }
