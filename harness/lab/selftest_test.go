//go:build unix

package lab_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
)

// runWith runs a plan with a self-test.
func runWith(t *testing.T, ctx context.Context, p lab.Plan, parts lab.Parts) (harness.Record, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	j, err := journal.Create(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if parts.Targets == nil {
		parts.Targets = targets{}
	}
	parts.Journal = j
	_, runErr := lab.Run(ctx, p, parts)
	stored, err := journal.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return stored, runErr
}

// The result of a self-test that ends only when the start is over is on record,
// and the run goes on.
func TestSelfTestThatRepeats(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	want := harness.SelfTest{PlantedLeak: harness.Fail, CleanTwin: harness.Pass, Seconds: 2}
	record, err := runWith(t, t.Context(), plan("clean"), lab.Parts{
		SelfTest: func(_ context.Context, quiet <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
			<-quiet
			return &want, []harness.Warning{{Code: "self-test-repeated", Text: "twice"}}, nil
		},
	})
	if err != nil || record.Outcome != harness.Pass {
		t.Errorf("%s, %v: want a pass", record.Outcome, err)
	}
	if record.SelfTest == nil || *record.SelfTest != want || len(record.Warnings) == 0 || record.Warnings[0].Text != "twice" {
		t.Errorf("self-test %+v, warnings %v: want what was said", record.SelfTest, record.Warnings)
	}
}

// What the self-test takes is not taken from the scenario's time.
func TestSelfTestCostsNoMaxTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	p := plan("clean")
	p.Scenario.Load.MaxTime = harness.Duration(1500 * time.Millisecond)
	record, err := runWith(t, t.Context(), p, lab.Parts{
		SelfTest: func(_ context.Context, quiet <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
			<-quiet
			<-time.After(time.Duration(p.Scenario.Load.MaxTime))
			return nil, nil, nil
		},
	})
	if n := len(record.Variants[0].Checkpoints); err != nil || n == 0 {
		t.Errorf("%d checkpoints, %v: want some", n, err)
	}
}

// A lab that misjudged what is known measures nothing more.
func TestSelfTestThatMisjudges(t *testing.T) {
	untrusted := errors.New("not here")
	record, err := runWith(t, t.Context(), plan("clean"), lab.Parts{
		SelfTest: func(context.Context, <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
			return &harness.SelfTest{PlantedLeak: harness.Pass, CleanTwin: harness.Pass}, nil, untrusted
		},
	})
	if !errors.Is(err, untrusted) || record.Complete || record.ExitCode() != harness.ExitNotRun {
		t.Errorf("%v, complete %t, exit %d: want the self-test's error, exit 1", err, record.Complete, record.ExitCode())
	}
	if n := len(record.Variants[0].Checkpoints); n != 0 || record.SelfTest == nil {
		t.Errorf("%d checkpoints, self-test %+v: want none, and what was misjudged", n, record.SelfTest)
	}
}

// A run that cannot start, or is interrupted, ends its self-test and waits for
// that.
func TestSelfTestEndsWithTheRun(t *testing.T) {
	for name, test := range map[string]struct {
		targets  lab.Targets
		progress func(cancel context.CancelFunc) func(lab.Progress)
		fails    bool
	}{
		"no start":    {noTargets{}, func(context.CancelFunc) func(lab.Progress) { return nil }, true},
		"interrupted": {targets{}, func(cancel context.CancelFunc) func(lab.Progress) { return func(lab.Progress) { cancel() } }, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := false
			record, err := runWith(t, ctx, plan("clean"), lab.Parts{
				Targets: test.targets, Progress: test.progress(cancel),
				SelfTest: func(ctx context.Context, _ <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
					<-ctx.Done()
					ended = true
					return nil, nil, ctx.Err()
				},
			})
			if !ended || record.Complete || record.SelfTest != nil || (err != nil) != test.fails {
				t.Errorf("ended %t, complete %t, self-test %+v, error %v", ended, record.Complete, record.SelfTest, err)
			}
		})
	}
}

// noTargets starts nothing.
type noTargets struct{ lab.Targets }

func (noTargets) Start(context.Context, harness.Variant, backend.Endpoints) (lab.Target, error) {
	return nil, errors.New("no such program")
}
