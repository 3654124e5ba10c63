package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/sweep"
	"github.com/leaklab/leaklab/reports"
)

// sweepFormats draw a sweep.
var sweepFormats = map[string]func(io.Writer, sweep.Sweep, reports.SweepOptions) error{
	"text":     reports.SweepText,
	"html":     reports.SweepHTML,
	"markdown": reports.SweepMarkdown,
	"json":     reports.SweepJSON,
}

// maxSweepBytes is the largest sweep.json that is read: 10 000 points take 20 MB.
const maxSweepBytes = 64 << 20

// sweepAt is the sweep.json that a path names, or that is in a directory which is no
// run's; empty where there is none.
func sweepAt(path string) string {
	if filepath.Base(path) == sweepFile {
		return path
	}
	if file := filepath.Join(path, sweepFile); exists(file) && !exists(filepath.Join(path, journal.RecordFile)) {
		return file
	}
	return ""
}

// readSweep reads a sweep.json.
func readSweep(name string) (sweep.Sweep, error) {
	f, err := os.Open(name)
	if err != nil {
		return sweep.Sweep{}, fmt.Errorf("sweep: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSweepBytes+1))
	if err == nil && len(data) > maxSweepBytes {
		err = fmt.Errorf("more than %d bytes", maxSweepBytes)
	}
	var s sweep.Sweep
	if err == nil {
		s, err = sweep.Decode(data)
	}
	if err != nil {
		return sweep.Sweep{}, fmt.Errorf("sweep: %s: %w", name, err)
	}
	return s, nil
}
