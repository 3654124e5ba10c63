package external

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/leaklab/leaklab/harness/backend"
)

// postgres is a schema of the run's own. Tables that a target makes or reads
// without naming a schema are in it, because its URL has no other in the search
// path. A run that is killed leaves it behind: leaklab_ and 16 hex digits.
type postgres struct {
	server string // URL as the user gave it
	schema string
}

func startPostgres(ctx context.Context, url string) (backend.Service, error) {
	p := postgres{server: url, schema: newSchema()}
	const want = "postgres://user:password@host[:port]/database"
	if _, err := pgx.ParseConfig(url); err != nil {
		return nil, malformed(url, want, err)
	}
	if config, err := pgx.ParseConfig(p.URL("")); err != nil || config.RuntimeParams["search_path"] != p.schema {
		return nil, malformed(url, want, errors.New("a search_path cannot be added to it"))
	}
	if err := p.exec(ctx, "CREATE SCHEMA "+p.schema); err != nil {
		return nil, unreachable(url, "database-url", err)
	}
	return p, nil
}

// URL is the server's with the schema as search path. The last of two parameters
// of a name counts, so one of the user's is overridden.
func (p postgres) URL(string) string {
	separator := "?"
	if strings.Contains(p.server, "?") {
		separator = "&"
	}
	return p.server + separator + "search_path=" + p.schema
}

// MemoryBytes tells nothing: the data are in the server's files and in buffers
// that all its users share.
func (p postgres) MemoryBytes(context.Context, string) (*int64, error) { return nil, nil }

// Close drops the schema with all that targets made in it.
func (p postgres) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	if err := p.exec(ctx, "DROP SCHEMA IF EXISTS "+p.schema+" CASCADE"); err != nil {
		return fmt.Errorf("external sql: drop schema %s: %w", p.schema, backend.RedactError(err, p.server))
	}
	return nil
}

// exec runs one statement over a connection of its own, so that none is open
// during the run.
func (p postgres) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, p.server)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

func newSchema() string {
	var random [8]byte
	rand.Read(random[:]) // never fails
	return "leaklab_" + hex.EncodeToString(random[:])
}
