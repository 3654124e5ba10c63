package selftest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
)

// ErrUntrusted says that the gate took a leak for clean, or clean for a leak,
// and did so again: none of its verdicts is worth anything here.
var ErrUntrusted = errors.New("this gate cannot be trusted here")

// subject is a program and the verdict that is right.
type subject struct {
	harness.Variant
	about string
	right harness.Outcome
}

var (
	plantedLeak = subject{harness.Variant{Name: "planted-leak", Handler: Planted}, "the planted leak of 32 B a request", harness.Fail}
	cleanTwin   = subject{harness.Variant{Name: "clean-twin", Handler: Twin}, "its clean twin", harness.Pass}
)

// misjudged tells whether a verdict is the opposite of the right one. One that
// is inconclusive says nothing, and nothing wrong.
func (s subject) misjudged(v harness.Verdict) bool {
	return v.Outcome != s.right && v.Outcome != harness.Inconclusive
}

// Run has the planted leak and its clean twin judged, side by side, and what is
// misjudged once more, alone, when quiet is closed: on a machine that is busy
// with a start-up one misjudgement proves nothing. The warnings say what was
// misjudged once and what was inconclusive. The error is [ErrUntrusted], with the
// verdicts, after a second misjudgement; or that of a target that could not be
// run, or of a ctx that ended, and then nothing is known of the gate: the result
// is nil.
func Run(ctx context.Context, targets lab.Targets, quiet <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
	return run(ctx, inLab(targets), quiet)
}

func run(ctx context.Context, try trial, quiet <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
	began := time.Now()
	subjects := []subject{plantedLeak, cleanTwin}
	verdicts, err := try(ctx, subjects...)
	if err != nil {
		return nil, nil, fmt.Errorf("self-test: %w", err)
	}
	var warnings []harness.Warning
	var untrusted []error
	for i, s := range subjects {
		first := verdicts[i]
		if s.misjudged(first) {
			if verdicts[i], err = again(ctx, try, s, quiet); err != nil {
				return nil, nil, fmt.Errorf("self-test: %w", err)
			}
		}
		switch last := verdicts[i]; {
		case s.misjudged(last):
			untrusted = append(untrusted, fmt.Errorf("%w: %s was judged %s; again, alone, %s", ErrUntrusted, s.about, said(first), said(last)))
		case last.Outcome == harness.Inconclusive:
			warnings = append(warnings, harness.Warning{Code: "self-test-inconclusive",
				Text: fmt.Sprintf("self-test: %s was judged %s: this gate may miss what it should find", s.about, said(last))})
		case s.misjudged(first):
			warnings = append(warnings, harness.Warning{Code: "self-test-repeated",
				Text: fmt.Sprintf("self-test: %s was judged %s, beside the start-up; right when it was repeated alone", s.about, said(first))})
		}
	}
	result := &harness.SelfTest{PlantedLeak: verdicts[0].Outcome, CleanTwin: verdicts[1].Outcome, Seconds: time.Since(began).Seconds()}
	return result, warnings, errors.Join(untrusted...)
}

// again has one subject judged with nothing beside it.
func again(ctx context.Context, try trial, s subject, quiet <-chan struct{}) (harness.Verdict, error) {
	select {
	case <-quiet:
	case <-ctx.Done():
		return harness.Verdict{}, ctx.Err()
	}
	verdicts, err := try(ctx, s)
	if err != nil {
		return harness.Verdict{}, err
	}
	return verdicts[0], nil
}

// said is a verdict with its first reason.
func said(v harness.Verdict) string {
	if len(v.Reasons) == 0 {
		return string(v.Outcome)
	}
	return fmt.Sprintf("%s (%s)", v.Outcome, v.Reasons[0].Text)
}
