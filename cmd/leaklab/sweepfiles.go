package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/sweep"
	"github.com/leaklab/leaklab/reports"
)

// Names of the files of a sweep. A directory that holds a run.json is a run's, so
// that the record of a point has another name.
const (
	sweepFile   = "sweep.json"
	pointsDir   = "points"
	pointRecord = "record.json"
)

// open makes the sweep's directory, or takes over from the sweep in it the points
// whose scenario is the same still.
func (w *sweeping) open() error {
	o := w.options.run
	const hint = "leaklab sweep --out DIR, with a directory that can be written"
	if w.dir = o.out; w.dir == "" {
		w.dir = filepath.Join(defaultOut, w.sweep.Scenario+"-sweep", time.Now().Format("20060102-150405"))
	}
	if _, err := os.Stat(filepath.Join(w.dir, journal.RecordFile)); err == nil {
		return usage(fmt.Errorf("output directory %s holds a run, which is no sweep", w.dir), "leaklab sweep with another --out")
	}
	if err := writable(w.dir); err != nil {
		return usage(fmt.Errorf("output directory %s: %w", w.dir, err), hint)
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return notRun(fmt.Errorf("output directory: %w", err), hint)
	}
	if o.out == "" {
		keepFromGit()
	}
	if o.force {
		if err := os.RemoveAll(filepath.Join(w.dir, pointsDir)); err != nil {
			return notRun(fmt.Errorf("output directory: %w", err), hint)
		}
		return nil
	}
	earlier, err := readSweep(filepath.Join(w.dir, sweepFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return usage(err, "leaklab sweep --force, which begins anew")
	}
	w.takeOver(earlier)
	return nil
}

// takeOver marks as done what an earlier sweep has done: each point of which the
// record is there, complete, and of the scenario that would be run now.
func (w *sweeping) takeOver(earlier sweep.Sweep) {
	done := map[string]sweep.Point{}
	for _, p := range earlier.Points {
		if p.State == sweep.Done {
			done[p.Name] = p
		}
	}
	taken := 0
	for i, p := range w.sweep.Points {
		old, ok := done[p.Name]
		if unflooded := old.Steps == nil && w.floods(i); !ok || unflooded || !w.same(i) {
			continue
		}
		w.sweep.Points[i] = old
		taken++
	}
	if taken > 0 {
		w.sweep.StartedAt, w.sweep.Environment = earlier.StartedAt, earlier.Environment
		if !w.options.run.quiet {
			fmt.Fprintf(w.streams.err, "leaklab: %d of %d points are in %s already\n", taken, len(w.sweep.Points), w.dir)
		}
	}
}

// same tells whether the record of a point is complete and of the scenario that
// would be run now. A ceiling that the lab chose is none of the scenario's.
func (w *sweeping) same(i int) bool {
	record, err := journal.Read(filepath.Join(w.dirOf(w.sweep.Points[i]), pointRecord))
	if err != nil || !record.Complete {
		return false
	}
	now := recorded(w.resolved[i].Scenario)
	if now.MemoryCeiling == 0 {
		now.MemoryCeiling = record.Spec.MemoryCeiling
	}
	return bytes.Equal(canonical(now), canonical(record.Spec))
}

// canonical is a scenario as a record holds it.
func canonical(s harness.Scenario) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	var read harness.Scenario // numbers in data are those of JSON from here on
	if json.Unmarshal(text, &read) != nil {
		return nil
	}
	text, _ = json.Marshal(read) // as before
	return text
}

// dirOf is the directory of a point.
func (w *sweeping) dirOf(p sweep.Point) string {
	return filepath.Join(w.dir, pointsDir, filepath.FromSlash(p.Name))
}

// keep makes the directory of a run that has ended a point's.
func (w *sweeping) keep(j *journal.Journal) error {
	if err := j.Close(); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(j.Dir(), journal.RecordFile), filepath.Join(j.Dir(), pointRecord)); err != nil {
		return err
	}
	return os.Remove(filepath.Join(j.Dir(), journal.JournalFile))
}

// save writes sweep.json and the reports, each whole or not at all.
func (w *sweeping) save() error {
	for name, format := range map[string]string{sweepFile: "json", "report.md": "markdown", "report.html": "html"} {
		var content bytes.Buffer
		if err := sweepFormats[format](&content, w.sweep, w.reportOptions()); err != nil {
			return err
		}
		temp := filepath.Join(w.dir, name+".tmp")
		if err := os.WriteFile(temp, content.Bytes(), 0o600); err != nil {
			return err
		}
		if err := os.Rename(temp, filepath.Join(w.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (w *sweeping) reportOptions() reports.SweepOptions {
	return reports.SweepOptions{Color: colored(w.streams.out), Dir: w.dir}
}

// conclude prints what was measured and gives the exit code that follows from how
// the points went.
func (w *sweeping) conclude(err error) error {
	draw := sweepFormats["text"]
	if w.options.run.json {
		draw = sweepFormats["json"]
	}
	saved := errors.Join(w.save(), draw(w.streams.out, w.sweep, w.reportOptions()))
	switch {
	case saved != nil:
		return notRun(errors.Join(err, saved), w.again())
	case err == nil && !w.sweep.Complete:
		return &exitError{code: harness.ExitInconclusive, err: errors.New("interrupted"), hint: w.again()}
	}
	return err
}

// again is how to go on.
func (w *sweeping) again() string {
	return "the same command with --out " + w.dir + " goes on where this ended"
}
