package lab

import (
	"context"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
)

// SelfTest has programs judged whose verdicts are known, to show that the lab
// can be trusted. It may repeat what was misjudged once quiet is closed: nothing
// else of the run keeps the machine busy then. The result is nil where it is not
// known; an error ends the run.
type SelfTest func(ctx context.Context, quiet <-chan struct{}) (*harness.SelfTest, []harness.Warning, error)

// proof is a self-test that is under way beside the start-up.
type proof struct {
	quiet    chan struct{}
	ended    chan struct{} // closed when the fields below are known
	result   *harness.SelfTest
	warnings []harness.Warning
	err      error
}

// prove starts the self-test, if there is one. Call stop before the run ends.
func (r *run) prove(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	p := &proof{quiet: make(chan struct{}), ended: make(chan struct{})}
	r.proof = p
	go func() {
		defer close(p.ended)
		if r.parts.SelfTest != nil {
			p.result, p.warnings, p.err = r.parts.SelfTest(ctx, p.quiet)
		}
	}()
	return func() {
		cancel()
		<-p.ended
	}
}

// awaitProof waits for the self-test with nothing else going on, so that it
// disturbs no checkpoint that counts, and writes its result down.
func (r *run) awaitProof() error {
	p := r.proof
	close(p.quiet)
	<-p.ended
	if p.result != nil {
		r.append(journal.SelfTested{SelfTest: *p.result})
	}
	for _, w := range p.warnings {
		r.warn(w.Code, w.Text)
	}
	return p.err
}
