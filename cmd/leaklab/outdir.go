package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness/journal"
)

// defaultOut holds the directories of runs that are not told where to go.
var defaultOut = filepath.Join("reports", "out")

// checkOut refuses a directory that holds a run or cannot be written, before
// anything is built or asked for one that could not be kept.
func (o runOptions) checkOut() error {
	dir := cmp.Or(o.out, defaultOut)
	if err := writable(dir); err != nil {
		return usage(fmt.Errorf("output directory %s: %w", dir, err), o.outHint())
	}
	if o.out == "" || o.force || !exists(filepath.Join(o.out, journal.RecordFile)) {
		return nil
	}
	return o.taken(fmt.Errorf("output directory %s: %w", o.out, journal.ErrExists))
}

// writable tries to write below a directory, or, where that is not there yet, below
// the one that it would be made in. Nothing is left of it.
func writable(dir string) error {
	info, err := os.Stat(dir)
	for ; errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir; info, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	probe, err := os.MkdirTemp(dir, ".leaklab-*")
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", dir, failed.Err) // the name of the attempt says nothing
	}
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// outHint is what to do about a directory that cannot be written.
func (o runOptions) outHint() string {
	return o.verb() + " --out DIR, with a directory that can be written"
}

// taken is the error of a directory that holds a run already.
func (o runOptions) taken(err error) error {
	return usage(err, o.verb()+" --force, or another --out")
}

// keepFromGit has git ignore the directories of runs, which hold megabytes of
// profiles. Where that fails the run is as good.
func keepFromGit() {
	f, err := os.OpenFile(filepath.Join(defaultOut, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return // it is there, most often
	}
	_, _ = f.WriteString("*\n")
	_ = f.Close()
}

// journal starts the journal of a run of a scenario, in the directory asked for
// or in one that no other run has.
func (o runOptions) journal(scenario string) (*journal.Journal, error) {
	dir := o.out
	if dir == "" {
		dir = filepath.Join(defaultOut, scenario, time.Now().Format("20060102-150405"))
	}
	j, err := journal.Create(dir, o.force)
	for n := 2; o.out == "" && errors.Is(err, journal.ErrExists) && n < 10; n++ {
		j, err = journal.Create(fmt.Sprintf("%s-%d", dir, n), false) // two runs in one second
	}
	if errors.Is(err, journal.ErrExists) {
		return nil, o.taken(err)
	}
	if err != nil {
		return nil, notRun(err, o.outHint())
	}
	if o.out == "" {
		keepFromGit()
	}
	return j, nil
}

// verb is the command without its arguments, for hints.
func (o runOptions) verb() string { return strings.Join(o.command[:2], " ") }
