package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness/journal"
)

// defaultOut holds the directories of runs that are not told where to go.
var defaultOut = filepath.Join("reports", "out")

// checkOut refuses a directory that holds a run, before anything is built for one
// that could not be written.
func (o runOptions) checkOut() error {
	if o.out == "" || o.force {
		return nil
	}
	if _, err := os.Lstat(filepath.Join(o.out, journal.RecordFile)); err != nil {
		return nil // what else is wrong with it, Create tells
	}
	return o.taken(fmt.Errorf("output directory %s: %w", o.out, journal.ErrExists))
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
		return nil, notRun(err, o.verb()+" --out DIR, with a directory that can be written")
	}
	if o.out == "" {
		keepFromGit()
	}
	return j, nil
}

// verb is the command without its arguments, for hints.
func (o runOptions) verb() string { return strings.Join(o.command[:2], " ") }
