package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/load"
)

// patience is how long a step goes on while its requests fail. What the scenario
// asks for is sent to its end, for a backend dies and comes back; but a warm-up that
// hangs leaves nothing to measure, and what the lab sends on its own account must
// not go on with a target that had enough of it.
func (st step) patience() load.Patience {
	switch st.round {
	case "":
		return load.UntilHung
	case harness.Flood, harness.Sampling:
		return load.UntilFailing
	}
	return load.Endless
}

// giveUp ends the rounds of a subject that cannot be measured further, if a step
// showed that: it answered no request of the warm-up, or failed most of what the lab
// sent on its own account. That round is not read, so that what was said stays.
func (r *run) giveUp(ctx context.Context, s *subject, st step, err error) {
	requests, errs := s.last.Requests, s.last.Errors
	switch {
	case requests == 0 || s.deathOf() != nil: // nothing is known, or more than this
	case st.round == "" && errs == requests:
		s.givenUp = true
		r.note("%s: it answered none of the %d requests of the warm-up: %s", s.variant.Name, requests, s.last.FirstError)
	case st.patience() == load.UntilFailing && (errors.Is(err, load.ErrGivenUp) || 2*errs >= requests):
		s.givenUp = true
		r.warn("round-failed", fmt.Sprintf("%s: the %s ended at %d requests: %d of the last %d failed, the first: %s",
			s.variant.Name, s.roundName(st.round), s.completed, errs, requests, s.last.FirstError))
		if s.verdict.Outcome != harness.Fail {
			r.lookForEnd(ctx, s)
		}
	}
}

// roundName is a round of the lab's own account for a reader.
func (s *subject) roundName(round harness.Round) string {
	switch {
	case round == harness.Sampling:
		return "search for where it allocates"
	case s.verdict.Outcome == harness.Fail:
		return "confirming flood"
	}
	return "flood"
}

// lookForEnd notes a subject that is gone, of which nothing was said yet.
func (r *run) lookForEnd(ctx context.Context, s *subject) {
	ctx, cancel := context.WithTimeout(ctx, r.plan.Deadlines.Checkpoint)
	defer cancel()
	if _, err := s.gauge.Sample(ctx); errors.Is(err, gauge.ErrGone) {
		s.unreadable(err, r.since(time.Now()))
	}
}
