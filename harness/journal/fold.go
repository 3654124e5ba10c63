package journal

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// Fold is the record that events add up to. Without [Finished] it is an
// incomplete one. Events that do not belong to the run, such as those of an
// unknown variant, change nothing.
func Fold(events []Event) harness.Record {
	var r harness.Record
	for _, e := range events {
		_ = e.apply(&r) // refused: the record is as it was
	}
	return withoutNil(r)
}

// withoutNil is a copy of a record, safe to keep while the original grows, in
// which no list is nil: unknown is null in JSON, but an empty list is known.
func withoutNil(r harness.Record) harness.Record {
	r.Command = list(r.Command)
	r.Warnings = list(r.Warnings)
	r.Spec.Variants = list(r.Spec.Variants)
	r.Variants = slices.Clone(list(r.Variants))
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Checkpoints = list(v.Checkpoints)
		v.Timeline = list(v.Timeline)
		v.Verdict.Reasons = list(v.Verdict.Reasons)
		v.Verdict.Warnings = list(v.Verdict.Warnings)
		v.Verdict.Parts = list(v.Verdict.Parts)
		v.Blame = slices.Clone(list(v.Blame))
		for k := range v.Blame {
			v.Blame[k].Stack = list(v.Blame[k].Stack)
		}
		if v.Load.Statuses == nil {
			v.Load.Statuses = map[int]int{}
		}
	}
	return r
}

// list is the slice, or an empty one for nil, without room to append in place.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return slices.Clip(s)
}
