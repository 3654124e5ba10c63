package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/leaklab/leaklab/harness"
)

// MaxBytes is the largest record or journal that is read. Six variants at four
// samples a second make about 10 KiB/s: this is some six hours of them.
const MaxBytes = 256 << 20

// Read reads the record of a run from its directory, its run.json or its
// journal. Where run.json is missing or damaged, the record is folded from the
// journal, and a warning in it says so.
func Read(dirOrFile string) (harness.Record, error) {
	info, err := os.Stat(dirOrFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return harness.Record{}, fmt.Errorf("record: %w", err)
	}
	name := dirOrFile
	if err == nil && info.IsDir() {
		name = filepath.Join(dirOrFile, RecordFile)
	}
	if filepath.Ext(name) == filepath.Ext(JournalFile) {
		return readFile(name, parseJournal)
	}
	record, err := readFile(name, parseRecord)
	if err == nil {
		return record, nil
	}
	record, journalErr := readFile(filepath.Join(filepath.Dir(name), JournalFile), parseJournal)
	if errors.Is(journalErr, os.ErrNotExist) {
		return harness.Record{}, err
	}
	if journalErr != nil {
		return harness.Record{}, errors.Join(err, journalErr)
	}
	record.Warnings = append(record.Warnings, harness.Warning{
		Code: "journal",
		Text: RecordFile + " is missing or damaged: this is what the journal says",
	})
	return record, nil
}

// SyntaxError is a line of a journal that is not an event of its run.
type SyntaxError struct {
	Line int // from 1
	Err  error
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *SyntaxError) Unwrap() error { return e.Err }

func readFile(name string, parse func([]byte) (harness.Record, error)) (harness.Record, error) {
	f, err := os.Open(name)
	if err != nil {
		return harness.Record{}, fmt.Errorf("record: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return harness.Record{}, fmt.Errorf("record: %w", err)
	}
	if info.Size() > MaxBytes {
		return harness.Record{}, fmt.Errorf("record: %s: %d bytes, want at most %d", name, info.Size(), MaxBytes)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes)) // a file that grows meanwhile is cut
	if err != nil {
		return harness.Record{}, fmt.Errorf("record: %w", err)
	}
	record, err := parse(data)
	if err != nil {
		return harness.Record{}, fmt.Errorf("record: %s: %w", name, err)
	}
	return record, nil
}

func parseRecord(data []byte) (harness.Record, error) {
	var r harness.Record
	if err := json.Unmarshal(data, &r); err != nil {
		return harness.Record{}, err
	}
	if r.Schema != harness.RecordSchema {
		return harness.Record{}, fmt.Errorf("schema %q, want %q", r.Schema, harness.RecordSchema)
	}
	return withoutNil(r), r.Validate()
}

// parseJournal folds a journal. Its last line may be torn, where the run was
// killed or the disk was full: it is then left out. Any other line must be an
// event of the run.
func parseJournal(data []byte) (harness.Record, error) {
	var r harness.Record
	for n := 1; ; n++ {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		if !ended { // torn, or nothing
			break
		}
		data = rest
		e, err := decode(line)
		if err == nil && e != nil {
			err = e.apply(&r)
		}
		if err != nil {
			return harness.Record{}, &SyntaxError{Line: n, Err: err}
		}
	}
	if r.Schema == "" {
		return harness.Record{}, errors.New("the journal has no start of a run")
	}
	return withoutNil(r), r.Validate()
}
