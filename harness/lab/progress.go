package lab

import (
	"fmt"
	"sync"
	"time"
)

// beat is how often whoever follows the progress is told that a run goes on, so
// that a line is printed every 5 s at least, though no more than one in 2 s: a flood
// that waits for its answers says nothing else.
const beat = 2500 * time.Millisecond

// beating reports the progress at every beat, until it is stopped.
func (r *run) beating() (stop func()) {
	done := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() {
		ticks := time.NewTicker(beat)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				r.repeat()
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		beats.Wait()
	}
}

// report tells whoever follows the progress. Without a phase it is still the one
// before. It belongs to the lab's goroutine and what that waits for.
func (r *run) report(p Progress) {
	r.progress.Lock()
	defer r.progress.Unlock()
	if p.Phase == "" {
		p.Phase = r.reached.Phase
	}
	bounds := r.plan.Scenario.Load.Segments
	p.Segment, p.Min, p.Max = int(r.progressed()), bounds.Min, bounds.Max
	r.reached = Progress{Phase: p.Phase, Segment: p.Segment, Min: p.Min, Max: p.Max}
	r.tell(p)
}

// repeat tells again how far the run was at the last report.
func (r *run) repeat() {
	r.progress.Lock()
	defer r.progress.Unlock()
	r.tell(r.reached)
}

func (r *run) tell(p Progress) {
	if r.parts.Progress != nil {
		r.parts.Progress(p)
	}
}

// note tells whoever follows the progress.
func (r *run) note(format string, args ...any) {
	r.report(Progress{Note: fmt.Sprintf(format, args...)})
}
