package external

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/leaklab/leaklab/harness/backend"
)

// sqlite is a file at the user's path: made for the run and removed after it, or
// found empty and left empty.
type sqlite struct {
	path string
	made bool
}

func startSQLite(ctx context.Context, path string) (backend.Service, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		return sqlite{path: path, made: true}, file.Close()
	case !errors.Is(err, fs.ErrExist):
		return nil, err
	}
	if err := checkEmpty(ctx, path); err != nil {
		return nil, err
	}
	return sqlite{path: path}, nil
}

// checkEmpty refuses a file that holds anything: tables of the user's would mix
// with the run's.
func checkEmpty(ctx context.Context, path string) error {
	file, _, _ := strings.Cut(backend.SQLiteURL(path), "?")
	db, err := sql.Open("sqlite", file+"?mode=rw") // without pragmas, which would change it
	if err != nil {
		return err
	}
	defer db.Close()
	var kind, name string
	err = db.QueryRowContext(ctx, `SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' LIMIT 1`).Scan(&kind, &name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("SQLite file %q: %w", path, err)
	}
	return fmt.Errorf("SQLite file %q is not empty: it has the %s %q; name a file that does not exist, or leave --database-url out to use the embedded backend",
		path, kind, name)
}

func (s sqlite) URL(string) string { return backend.SQLiteURL(s.path) }

// MemoryBytes tells nothing: the data are in a file.
func (s sqlite) MemoryBytes(context.Context, string) (*int64, error) { return nil, nil }

// Close removes the file and those that SQLite keeps beside it. One that was
// there before stays, without content.
func (s sqlite) Close() error {
	var errs []error
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		errs = append(errs, remove(s.path+suffix))
	}
	if s.made {
		errs = append(errs, remove(s.path))
	} else {
		errs = append(errs, os.Truncate(s.path, 0))
	}
	return errors.Join(errs...)
}

// remove removes a file that may be gone.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
