package backend

import (
	"net/url"
	"path/filepath"
	"strings"
)

// sqlitePragmas let several processes share a file: a writer waits up to 5 s for
// another instead of failing, and readers wait for none.
const sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"

// SQLiteURL is the URL of a SQLite file, for modernc.org/sqlite. The path must
// be absolute: targets have working directories of their own.
func SQLiteURL(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/… is file:///C:/…
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: sqlitePragmas}
	return u.String()
}
