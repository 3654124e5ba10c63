// Package journal writes a run down as it happens, event by event, and reads it
// back as a record: a run that is killed, or whose disk fills, still reports
// what it measured.
//
// It refuses to judge and to render, and to lose a measurement to an error of
// the disk: it keeps folding the record in memory. It stands between the lab,
// which appends, and the reports, which read.
//
// A run's directory holds run.json, the record, and no other file of that name
// below; journal.jsonl, its events, one a line; profiles/VARIANT/NNN.pb.gz; and
// what else [Journal.Write] is given. Files are readable by their owner alone:
// commands, errors and function names may be private.
package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/leaklab/leaklab/harness"
)

// Names of the files of a run.
const (
	RecordFile  = "run.json"
	JournalFile = "journal.jsonl"
	profilesDir = "profiles"
)

// ErrExists says that a directory holds a run already.
var ErrExists = errors.New("a run is recorded there already")

// Journal is a run that is being written down. Its methods may be called
// concurrently.
type Journal struct {
	dir string

	mu       sync.Mutex
	file     *os.File // nil in memory
	broken   bool     // nothing more is written: a write failed, and the file may end in half a line
	record   harness.Record
	profiles map[string]int // stored, by variant
}

// Create starts the journal of a run in a directory, which it makes if need be.
// A directory that holds a run, or the journal of one that was killed, is
// [ErrExists] and left alone; with force, that run's own files are removed.
func Create(dir string, force bool) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("output directory: %w", err)
	}
	if force {
		if err := removeRun(dir); err != nil {
			return nil, fmt.Errorf("output directory: %w", err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, RecordFile)); err == nil {
		return nil, fmt.Errorf("output directory %s: %w", dir, ErrExists)
	}
	// O_EXCL also settles a race of two runs for one directory.
	file, err := os.OpenFile(filepath.Join(dir, JournalFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("output directory %s: %w", dir, ErrExists)
	}
	if err != nil {
		return nil, fmt.Errorf("output directory: %w", err)
	}
	return &Journal{dir: dir, file: file, profiles: make(map[string]int)}, nil
}

// InMemory is a journal without a directory, of a run that is looked at and
// thrown away: it folds the record and writes nothing.
func InMemory() *Journal { return &Journal{broken: true} }

// removeRun removes the files of an earlier run; it touches profiles only where
// the directory is a run's.
func removeRun(dir string) error {
	found := false
	for _, name := range []string{RecordFile, JournalFile} {
		switch err := os.Remove(filepath.Join(dir, name)); {
		case err == nil:
			found = true
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if !found {
		return nil
	}
	return os.RemoveAll(filepath.Join(dir, profilesDir))
}

// Discard closes the journal and removes what it wrote, of a run that measured
// nothing: it must not stand in the way of the next one.
func (j *Journal) Discard() error {
	if j.dir == "" {
		return nil
	}
	err := j.Close()
	if removal := removeRun(j.dir); removal != nil {
		err = errors.Join(err, fmt.Errorf("output directory: %w", removal))
	}
	return err
}

// Dir is the run's directory; empty in memory.
func (j *Journal) Dir() string { return j.dir }

// Append folds an event into the record and writes it down. An event that does
// not belong to the run is refused. The first error of the disk is returned;
// after it the journal only folds in memory, and Append returns nil.
func (j *Journal) Append(e Event) error {
	line, err := encode(e)
	if err != nil {
		return fmt.Errorf("journal: %s: %w", e.kind(), err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := e.apply(&j.record); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if j.broken {
		return nil
	}
	if _, err := j.file.Write(line); err != nil {
		j.broken = true
		return fmt.Errorf("journal: %w; the run goes on, its record is kept in memory", err)
	}
	return nil
}

// Record is the record so far.
func (j *Journal) Record() harness.Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return withoutNil(j.record)
}

// Close closes the journal; [Journal.Record] and [Journal.Save] still work.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.broken = true
	if j.file == nil {
		return nil
	}
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
