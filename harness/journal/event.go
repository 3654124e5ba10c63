package journal

import (
	"fmt"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// Event is something that happened in a run. The events below are all there are.
type Event interface {
	// kind names the event in the journal.
	kind() string
	// apply folds the event into a record, or refuses one that does not belong
	// to it and leaves the record as it was.
	apply(*harness.Record) error
}

// Started opens a run: the record as far as it is known before the first
// request, with scenario, environment and variants. Nothing is measured yet, so
// every variant is inconclusive.
type Started struct {
	Record harness.Record `json:"record"`
}

// SelfTested is how the gate judged its own planted leak and its clean twin.
type SelfTested struct {
	SelfTest harness.SelfTest `json:"self_test"`
}

// Checkpoint is a reading of a variant at rest.
type Checkpoint struct {
	Variant    string             `json:"variant"`
	Checkpoint harness.Checkpoint `json:"checkpoint"`
}

// Loaded is how a variant has answered the load so far; each replaces the last.
type Loaded struct {
	Variant    string             `json:"variant"`
	Load       harness.LoadResult `json:"load"`
	Answers    harness.Answers    `json:"answers"`
	RedisBytes *int64             `json:"redis_bytes"`
}

// Judged is the verdict on a variant, with its blame; each replaces the last.
type Judged struct {
	Variant string          `json:"variant"`
	Verdict harness.Verdict `json:"verdict"`
	Blame   []harness.Blame `json:"blame"`
}

// Died is the end of a target before the lab ended it.
type Died struct {
	Variant string        `json:"variant"`
	Death   harness.Death `json:"death"`
}

// Timeline is a variant's readings under load since the last such event.
type Timeline struct {
	Variant string           `json:"variant"`
	Samples []harness.Sample `json:"samples"`
}

// Warned is something that a reader of the whole run must know. A variant's own
// warnings are part of its verdict.
type Warned struct {
	Warning harness.Warning `json:"warning"`
}

// Finished ends a run; Complete is false when it was interrupted.
type Finished struct {
	Complete bool    `json:"complete"`
	Seconds  float64 `json:"seconds"`
}

func (Started) kind() string    { return "started" }
func (SelfTested) kind() string { return "self-test" }
func (Checkpoint) kind() string { return "checkpoint" }
func (Loaded) kind() string     { return "load" }
func (Judged) kind() string     { return "verdict" }
func (Died) kind() string       { return "death" }
func (Timeline) kind() string   { return "timeline" }
func (Warned) kind() string     { return "warning" }
func (Finished) kind() string   { return "finished" }

func (e Started) apply(r *harness.Record) error {
	if r.Schema != "" {
		return fmt.Errorf("%s: the run has started already", e.kind())
	}
	if e.Record.Schema != harness.RecordSchema {
		return fmt.Errorf("%s: schema %q, want %q", e.kind(), e.Record.Schema, harness.RecordSchema)
	}
	*r = e.Record
	r.Complete = false
	r.Variants = slices.Clone(r.Variants)
	for i := range r.Variants {
		v := &r.Variants[i].Verdict
		v.Outcome, v.Class = harness.Inconclusive, harness.Unsettled
	}
	r.Conclude()
	return nil
}

func (e SelfTested) apply(r *harness.Record) error {
	if err := started(r, e); err != nil {
		return err
	}
	r.SelfTest = &e.SelfTest
	return nil
}

func (e Checkpoint) apply(r *harness.Record) error {
	return change(r, e, e.Variant, func(v *harness.Result) { v.Checkpoints = append(v.Checkpoints, e.Checkpoint) })
}

func (e Loaded) apply(r *harness.Record) error {
	return change(r, e, e.Variant, func(v *harness.Result) {
		v.Load, v.Answers, v.RedisBytes = e.Load, e.Answers, e.RedisBytes
	})
}

func (e Judged) apply(r *harness.Record) error {
	return change(r, e, e.Variant, func(v *harness.Result) {
		v.Verdict, v.Blame = e.Verdict, e.Blame
	})
}

func (e Died) apply(r *harness.Record) error {
	return change(r, e, e.Variant, func(v *harness.Result) { v.Death = &e.Death })
}

func (e Timeline) apply(r *harness.Record) error {
	return change(r, e, e.Variant, func(v *harness.Result) { v.Timeline = append(v.Timeline, e.Samples...) })
}

func (e Warned) apply(r *harness.Record) error {
	if err := started(r, e); err != nil {
		return err
	}
	r.Warnings = append(r.Warnings, e.Warning)
	return nil
}

func (e Finished) apply(r *harness.Record) error {
	if err := started(r, e); err != nil {
		return err
	}
	r.Complete, r.Seconds = e.Complete, e.Seconds
	r.Conclude()
	return nil
}

func started(r *harness.Record, e Event) error {
	if r.Schema == "" {
		return fmt.Errorf("%s: the run has not started", e.kind())
	}
	return nil
}

// change applies an event to the variant that it is of.
func change(r *harness.Record, e Event, variant string, f func(*harness.Result)) error {
	if err := started(r, e); err != nil {
		return err
	}
	i := slices.IndexFunc(r.Variants, func(v harness.Result) bool { return v.Name == variant })
	if i < 0 {
		return fmt.Errorf("%s: the run has no variant %q", e.kind(), variant)
	}
	f(&r.Variants[i])
	r.Conclude()
	return nil
}
