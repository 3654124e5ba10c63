package backend

import "testing"

func TestSQLiteURL(t *testing.T) {
	const pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"
	for path, want := range map[string]string{
		"/tmp/leaklab.db":  "file:///tmp/leaklab.db" + pragmas,
		"/tmp/a b?c#d%.db": "file:///tmp/a%20b%3Fc%23d%25.db" + pragmas,
		"C:/tmp/x.db":      "file:///C:/tmp/x.db" + pragmas,
	} {
		if got := SQLiteURL(path); got != want {
			t.Errorf("SQLiteURL(%q) = %q, want %q", path, got, want)
		}
	}
}
