package external

import (
	"context"
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness/backend"
)

// SQL uses a Postgres server that is running, or an SQLite file. All variants
// share it.
type SQL struct {
	// URL is postgres:// or postgresql://, as pgx reads it, or the path of an
	// SQLite file, plain or after "file:".
	URL string
}

// Start makes room for a run: a schema of its own in Postgres, an empty SQLite
// file.
func (s SQL) Start(ctx context.Context, _ []string) (backend.Service, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	service, err := s.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("external sql: %w", err)
	}
	return service, nil
}

func (s SQL) start(ctx context.Context) (backend.Service, error) {
	if strings.HasPrefix(s.URL, "postgres://") || strings.HasPrefix(s.URL, "postgresql://") {
		return startPostgres(ctx, s.URL)
	}
	path := strings.TrimPrefix(s.URL, "file:")
	if path == "" || strings.Contains(path, "://") || strings.ContainsAny(path, "?=") || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("%q is no database that targets can share: want postgres://user:password@host/database or the path of an SQLite file, without parameters",
			backend.Redact(s.URL))
	}
	return startSQLite(ctx, path)
}
