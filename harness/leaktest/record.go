package leaktest

import (
	"cmp"
	"errors"
	"os"
	"runtime"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
)

// newRecord is the record of a scenario of one variant before anything is measured.
func newRecord(spec harness.Scenario, began time.Time) harness.Record {
	v := spec.Variants[0]
	return harness.Record{
		Schema:    harness.RecordSchema,
		ID:        began.UTC().Format("20060102-150405"),
		Scenario:  spec.Name,
		StartedAt: began.UTC().Truncate(time.Millisecond),
		Environment: harness.Environment{
			GoVersion: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
			GOGC: cmp.Or(os.Getenv("GOGC"), "100"), GOMEMLIMIT: cmp.Or(os.Getenv("GOMEMLIMIT"), "off"),
		},
		Spec:     spec,
		Variants: []harness.Result{{Name: v.Name, Handler: v.Handler, Expect: v.Expect.OrDefault()}},
	}
}

// save writes a measurement down as the lab does its runs, calls as requests, and
// returns what follows from it. The record is whole even where the error says that
// it could not be written.
func (m *measurement) save(j *journal.Journal, sites []harness.Blame, command []string) (harness.Record, error) {
	header := newRecord(m.record.Spec, m.began)
	header.Command = command
	errs := []error{j.Append(journal.Started{Record: header})}
	v := m.result()
	for _, s := range m.snapshots {
		path, err := j.Profile(v.Name, s.heap)
		v.Checkpoints[s.checkpoint].Profile = path
		errs = append(errs, err)
	}
	for _, c := range v.Checkpoints {
		errs = append(errs, j.Append(journal.Checkpoint{Variant: v.Name, Checkpoint: c}))
	}
	if v.Death != nil {
		errs = append(errs, j.Append(journal.Died{Variant: v.Name, Death: *v.Death}))
	}
	errs = append(errs,
		j.Append(journal.Loaded{Variant: v.Name, Load: harness.LoadResult{Requests: m.completed}}),
		j.Append(journal.Judged{Variant: v.Name, Verdict: m.verdict(), Blame: sites}),
		j.Append(journal.Finished{Complete: m.ctx.Err() == nil, Seconds: time.Since(m.began).Seconds()}),
	)
	record := j.Record()
	return record, errors.Join(append(errs, j.Save(record))...)
}
