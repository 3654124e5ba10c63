package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/reports"
)

// formats draw a record.
var formats = map[string]func(io.Writer, harness.Record, reports.Options) error{
	"text":     reports.Text,
	"html":     reports.HTML,
	"markdown": reports.Markdown,
	"junit":    reports.JUnit,
	"sarif":    reports.SARIF,
	"bench":    reports.Bench,
	"json":     reports.JSON,
}

// formatNames lists formats for a reader: "bench, html or text".
func formatNames[F any](formats map[string]F) string {
	names := slices.Sorted(maps.Keys(formats))
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// reportFiles are the values of --report: formats and the files to write them to.
type reportFiles []reportFile

type reportFile struct{ format, file string }

// Set adds a FORMAT=FILE.
func (r *reportFiles) Set(text string) error {
	format, file, _ := strings.Cut(text, "=")
	switch base := filepath.Base(file); {
	case formats[format] == nil:
		return fmt.Errorf("format %q: want %s", format, formatNames(formats))
	case file == "":
		return errors.New("want FORMAT=FILE, such as junit=leaklab.xml")
	case base == journal.RecordFile || base == journal.JournalFile:
		return fmt.Errorf("file %q: %s is the run's own name", file, base)
	}
	*r = append(*r, reportFile{format, file})
	return nil
}

// Type is what a value is, for the help.
func (r *reportFiles) Type() string { return "FORMAT=FILE" }

func (r *reportFiles) String() string { return strings.Join(r.GetSlice(), " ") }

// GetSlice are the values as they were given.
func (r *reportFiles) GetSlice() []string {
	all := make([]string, len(*r))
	for i, f := range *r {
		all[i] = f.format + "=" + f.file
	}
	return all
}

// Append adds a value.
func (r *reportFiles) Append(text string) error { return r.Set(text) }

// Replace sets all values.
func (r *reportFiles) Replace(texts []string) error {
	*r = nil
	for _, text := range texts {
		if err := r.Set(text); err != nil {
			return err
		}
	}
	return nil
}

// write puts report.md and report.html beside the record, and what else is
// asked for where it is asked for. All are tried.
func (r reportFiles) write(j *journal.Journal, record harness.Record) error {
	o := reportOptions(j.Dir(), record)
	var errs []error
	for name, format := range map[string]string{"report.md": "markdown", "report.html": "html"} {
		var b bytes.Buffer
		errs = append(errs, formats[format](&b, record, o), j.Write(name, b.Bytes()))
	}
	for _, f := range r {
		errs = append(errs, f.write(record, o))
	}
	return errors.Join(errs...)
}

// write draws a record into the file.
func (f reportFile) write(record harness.Record, o reports.Options) error {
	if err := os.MkdirAll(filepath.Dir(f.file), 0o755); err != nil {
		return err
	}
	w, err := os.Create(f.file)
	if err != nil {
		return err
	}
	return errors.Join(formats[f.format](w, record, o), w.Close())
}

// reportOptions are those of a report of a run in a directory. In the workflows of
// GitHub, and what is like it, lines are linked to the revision that is checked
// out.
func reportOptions(dir string, record harness.Record) reports.Options {
	o := reports.Options{Dir: dir, Subdir: subdir(record.Environment.SourceRoot)}
	server, repository := os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY")
	revision := cmp.Or(os.Getenv("GITHUB_SHA"), record.Environment.Revision)
	if server != "" && repository != "" && revision != "" {
		o.SourceURL = server + "/" + repository + "/blob/" + revision
	}
	return o
}

// subdir is a directory relative to the git repository that it is in, with
// slashes; empty where that is the same, or is not to be found on this machine.
func subdir(dir string) string {
	if dir == "" {
		return ""
	}
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			rel, err := filepath.Rel(root, dir)
			if err != nil || rel == "." {
				return ""
			}
			return filepath.ToSlash(rel)
		}
		if root == filepath.Dir(root) {
			return ""
		}
	}
}
