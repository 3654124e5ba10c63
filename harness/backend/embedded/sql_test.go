package embedded

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness/backend"
)

// startIn is set for a copy of this test that starts an SQL backend in the named
// directory and then waits to be killed.
const startIn = "LEAKLAB_TEST_START_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(startIn); dir != "" {
		if _, err := (SQL{Dir: dir}).Start(context.Background(), nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("started")
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func startSQL(t *testing.T, dir string) backend.Service {
	t.Helper()
	service, err := SQL{Dir: dir}.Start(t.Context(), []string{"leaky", "bloom"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service
}

// connect is a pool of connections such as a target has.
func connect(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestVariantsShareTheTables(t *testing.T) {
	s := startSQL(t, t.TempDir())
	writer, reader := connect(t, s.URL("leaky")), connect(t, s.URL("bloom"))
	if _, err := writer.Exec("CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	tx, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for range 2 { // a write neither waits for a reader nor changes what it sees
		var rows int
		if err := tx.QueryRow("SELECT count(*) FROM users").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("the reader sees %d rows (%v), want 1", rows, err)
		}
		if _, err := writer.Exec("INSERT INTO users VALUES (2)"); err != nil {
			t.Errorf("a write beside an open read: %v", err)
		}
	}
}

func TestWritersWaitForEachOther(t *testing.T) {
	s := startSQL(t, t.TempDir())
	if _, err := connect(t, s.URL("")).Exec("CREATE TABLE n (i INTEGER)"); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for range 4 {
		db := connect(t, s.URL(""))
		writers.Go(func() {
			for i := range 10 {
				if _, err := db.Exec("INSERT INTO n VALUES (?)", i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
}

func TestFilesArePrivateAndRemoved(t *testing.T) {
	parent := t.TempDir()
	s := startSQL(t, parent)
	dir := only(t, parent)
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o700 && runtime.GOOS != "windows" {
		t.Errorf("mode of %s = %o, want 700", dir, mode)
	}
	if _, err := connect(t, s.URL("")).Exec("CREATE TABLE t (i INTEGER)"); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		return // the connection above keeps the file from being removed
	}
	if err := s.Close(); err != nil { // with the -wal and -shm of the open connection
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Close, %s: %v, want it gone", dir, err)
	}
}

func TestStartInAMissingDirectory(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := (SQL{Dir: missing}).Start(t.Context(), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Start in %s = %v, want %v", missing, err, fs.ErrNotExist)
	}
}

// TestKilledRunIsSweptUp kills a process that holds the backend, so that it
// cannot remove its files, and starts another.
func TestKilledRunIsSweptUp(t *testing.T) {
	parent := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), startIn+"="+parent)
	child.Stderr = os.Stderr
	if _, err := child.StdinPipe(); err != nil { // or it reads the end of its input
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(deadline, func() { child.Process.Kill() })
	defer stuck.Stop()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "started\n" {
		t.Fatalf("the child said %q (%v), want started", line, err)
	}
	left := only(t, parent)
	afterwards := time.Now().Add(2 * sweepAge)

	sweep(parent, afterwards)
	if only(t, parent) != left {
		t.Error("the files of a living run are removed")
	}
	child.Process.Kill()
	child.Wait()
	sweep(parent, time.Now())
	if only(t, parent) != left {
		t.Error("files younger than a minute are removed")
	}
	old := time.Now().Add(-2 * sweepAge)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	startSQL(t, parent)
	if now := only(t, parent); now == left {
		t.Error("the files of a killed run are still there after the next start")
	}
}

func TestSweepLeavesWhatIsNotOurs(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"other-1-1", dirPrefix + "x-1", dirPrefix, dirPrefix + "-1"} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(parent, dirPrefix+"0-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sweep(parent, time.Now().Add(2*sweepAge))
	entries, err := os.ReadDir(parent)
	if err != nil || len(entries) != 5 {
		t.Errorf("%d of 5 entries are left (%v): %v", len(entries), err, entries)
	}
}

// only is the one entry of a directory.
func only(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%s has the entries %v (%v), want one", dir, entries, err)
	}
	return filepath.Join(dir, entries[0].Name())
}
