package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// fileMode is owner-only, see the package comment.
const fileMode = 0o600

// Save puts a valid record into place as run.json, whole or not at all. A list
// that is nil becomes an empty one, so that a reader of the JSON meets no null.
func (j *Journal) Save(record harness.Record) error {
	if err := record.Validate(); err != nil {
		return fmt.Errorf("%s: %w", RecordFile, err)
	}
	if j.dir == "" {
		return nil
	}
	data, err := json.MarshalIndent(withoutNil(record), "", " ")
	if err != nil {
		return fmt.Errorf("%s: %w", RecordFile, err)
	}
	return replace(filepath.Join(j.dir, RecordFile), append(data, '\n'))
}

// Profile stores a variant's next heap profile and returns its path relative to
// the run's directory, with forward slashes: profiles/leaky/000.pb.gz. In memory
// there is none, and the path is empty.
func (j *Journal) Profile(variant string, data []byte) (rel string, err error) {
	if variant == "" || strings.ContainsAny(variant, `/\`) || !filepath.IsLocal(variant) || variant == "." {
		return "", fmt.Errorf("profile: variant %q is not usable as a directory's name", variant)
	}
	if j.dir == "" {
		return "", nil
	}
	j.mu.Lock()
	n := j.profiles[variant]
	j.profiles[variant]++
	j.mu.Unlock()
	rel = path.Join(profilesDir, variant, fmt.Sprintf("%03d.pb.gz", n))
	if err := j.put(rel, data); err != nil {
		return "", fmt.Errorf("profile: %w", err)
	}
	return rel, nil
}

// Write stores a file of the run, such as report.md, whole or not at all. The
// name is relative to the run's directory; the record's and the journal's own
// names are refused.
func (j *Journal) Write(name string, data []byte) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("write: %q is outside the run's directory", name)
	}
	if base := filepath.Base(name); base == RecordFile || base == JournalFile {
		return fmt.Errorf("write: %q is the journal's own name", name)
	}
	if j.dir == "" {
		return nil
	}
	return j.put(name, data)
}

func (j *Journal) put(name string, data []byte) error {
	file := filepath.Join(j.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return replace(file, data)
}

// replace writes a file beside the named one, forces it to the disk and renames
// it into place: who reads the name sees the old content or the new one. On an
// error the name is as it was and nothing is left beside it.
func replace(name string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), ".leaklab-*.tmp") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
