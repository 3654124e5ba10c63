package external

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leaklab/leaklab/harness/backend"
)

// execSQLite runs a statement as a target would, and hangs up.
func execSQLite(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func startSQL(t *testing.T, url string) backend.Service {
	t.Helper()
	service, err := SQL{URL: url}.Start(t.Context(), variants)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	return service
}

func TestSQLiteFileIsMadeAndRemoved(t *testing.T) {
	for _, prefix := range []string{"", "file:", "file://"} {
		path := filepath.Join(t.TempDir(), "lab.db")
		s := startSQL(t, prefix+filepath.ToSlash(path))
		execSQLite(t, s.URL("leaky"), "CREATE TABLE t (i INTEGER)")
		execSQLite(t, s.URL("bloom"), "INSERT INTO t VALUES (1)")
		if bytes, err := s.MemoryBytes(t.Context(), "leaky"); bytes != nil || err != nil {
			t.Errorf("MemoryBytes = %v, %v, want nothing", bytes, err)
		}
		for _, beside := range []string{"-wal", "-shm"} { // of a target that was killed
			if err := os.WriteFile(path+beside, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
			t.Errorf("%q left %v (%v), want nothing", prefix, left, err)
		}
	}
}

func TestRelativePathIsTheLabs(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := startSQL(t, "lab.db")
	if want := backend.SQLiteURL(filepath.Join(dir, "lab.db")); s.URL("") != want {
		t.Errorf("URL = %q, want %q", s.URL(""), want)
	}
}

func TestEmptySQLiteFileStaysEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := startSQL(t, path)
	execSQLite(t, s.URL("leaky"), "CREATE TABLE t (i INTEGER)")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("after Close: %v, %v, want an empty file", info, err)
	}
}

func TestUsedSQLiteFileIsRefusedAndUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theirs.db")
	execSQLite(t, path, "CREATE TABLE invoices (id INTEGER)")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, SQL{URL: path}, path, `the table "invoices"`, "leave --database-url out")
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the refused file has changed (%v)", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("the directory of the refused file holds %v (%v), want it alone", left, err)
	}
}

func TestUnusableSQLiteFile(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, SQL{URL: text}, text, "not a database")
	refused(t, SQL{URL: dir}, dir)
	missing := filepath.Join(dir, "missing", "lab.db")
	if _, err := (SQL{URL: missing}).Start(t.Context(), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Start of %s = %v, want %v", missing, err, fs.ErrNotExist)
	}
	for _, url := range []string{"", "file:", ":memory:", "file::memory:", "mysql://u:hunter2@h/db", "host=h password=hunter2", "lab.db?mode=ro"} {
		refused(t, SQL{URL: url}, "no database that targets can share", "postgres://")
	}
}

func TestUnusablePostgres(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	refused(t, SQL{URL: "postgres://u:hunter2@" + closed + "/db"}, "postgres://xxxxx@"+closed+"/db", "refused", "leave --database-url out")
	for _, url := range []string{"postgres://u:hunter2@h:port/db", "postgres://u:%zzhunter2@h", "postgres://u:hun/ter2@h:1/hunter2@", "postgres://u:hun?ter2@h/db", "postgres://h?password=hunter2&sslmode=x"} {
		refused(t, SQL{URL: url}, "cannot be read: want postgres://", "percent-encoded")
	}
	refused(t, SQL{URL: "postgres://h/db?sslmode=x"}, "sslmode is invalid")
	refused(t, SQL{URL: "postgres://h?x=y&search_path"}, "cannot be read")
}

// postgresURL names the server that the tests may make schemas in.
func postgresURL(t *testing.T) string {
	t.Helper()
	const name = "LEAKLAB_TEST_POSTGRES_URL"
	url := os.Getenv(name)
	if url == "" && os.Getenv("LEAKLAB_NO_SKIP") == "1" {
		t.Fatalf("%s is not set, and LEAKLAB_NO_SKIP=1 forbids to skip: set it to the URL of a Postgres server", name)
	}
	if url == "" {
		t.Skipf("%s is not set: set it to the URL of a Postgres server", name)
	}
	return url
}

func TestPostgresSchemaIsMadeAndDropped(t *testing.T) {
	server := postgresURL(t)
	ours, theirs := startSQL(t, server), startSQL(t, server)
	for _, s := range []backend.Service{ours, theirs} { // two runs do not meet
		execPostgres(t, s.URL("leaky"), "CREATE TABLE t (i INTEGER)")
		execPostgres(t, s.URL("bloom"), "INSERT INTO t VALUES (1)")
		if n := tables(t, server, s.(postgres).schema); n != 1 {
			t.Errorf("%d tables in %s, want 1", n, s.(postgres).schema)
		}
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	if n := tables(t, server, ours.(postgres).schema); n != 0 {
		t.Errorf("%d tables in %s after Close, want none", n, ours.(postgres).schema)
	}
	execPostgres(t, theirs.URL("leaky"), "INSERT INTO t VALUES (2)")
}

// execPostgres runs a statement as a target would, and hangs up.
func execPostgres(t *testing.T, url, statement string) {
	t.Helper()
	if _, err := connect(t, url).Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// tables counts the tables of a schema.
func tables(t *testing.T, server, schema string) (n int) {
	t.Helper()
	const count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = $1"
	if err := connect(t, server).QueryRow(t.Context(), count, schema).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestPostgresRefusals(t *testing.T) {
	server := mustParse(t, postgresURL(t))
	server.Path = "/no_such_database"
	refused(t, SQL{URL: server.String()}, "no_such_database", "does not exist", "leave --database-url out")
	server = mustParse(t, postgresURL(t))
	server.User = url.UserPassword(server.User.Username(), "hunter2")
	refused(t, SQL{URL: server.String()}, "password authentication failed", "leave --database-url out")
}
