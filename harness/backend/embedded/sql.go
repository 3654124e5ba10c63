package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/leaklab/leaklab/harness/backend"
)

// SQL makes an SQLite file in a temporary directory that only its owner can
// read. All variants share it.
type SQL struct {
	// Dir is where the temporary directory is made. Empty: [os.TempDir].
	Dir string
}

// Start makes the file, empty, and removes those of runs that were killed.
func (s SQL) Start(ctx context.Context, _ []string) (backend.Service, error) {
	parent := s.Dir
	if parent == "" {
		parent = os.TempDir()
	}
	sweep(parent, time.Now())
	dir, err := makeDir(parent)
	if err != nil {
		return nil, fmt.Errorf("embedded sql: %w", err)
	}
	service := sqlService{dir: dir}
	if err := open(ctx, service.URL("")); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded sql: %w", err), service.Close())
	}
	return service, nil
}

// open opens the database once: it proves that it works, and puts the file into
// WAL mode before the variants race to do so.
func open(ctx context.Context, url string) error {
	db, err := sql.Open("sqlite", url)
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

type sqlService struct{ dir string }

func (s sqlService) URL(string) string {
	return backend.SQLiteURL(filepath.Join(s.dir, "leaklab.db"))
}

// MemoryBytes tells nothing: the data are in a file.
func (s sqlService) MemoryBytes(context.Context, string) (*int64, error) { return nil, nil }

func (s sqlService) Close() error { return os.RemoveAll(s.dir) }
