package leaktest

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness/journal"
)

// openJournal is the journal of a call: in a directory of its own where go test
// keeps artifacts, else in memory, for then nothing would be left of it.
func openJournal(t testing.TB, c call) *journal.Journal {
	t.Helper()
	if !keepsArtifacts() {
		return journal.InMemory()
	}
	j, err := journal.Create(filepath.Join(t.ArtifactDir(), fmt.Sprintf("leaktest-%d", c.number)), false)
	if err != nil {
		t.Fatalf("leaktest: %v", err)
	}
	return j
}

// keepsArtifacts tells whether go test was called with -artifacts.
func keepsArtifacts() bool {
	f := flag.Lookup("test.artifacts")
	return f != nil && f.Value.String() == "true"
}

// minTime is the least in which anything is measured.
const minTime = time.Second

// timeLeft is how long the test may measure: no longer than most, and up to a
// reserve before its deadline, in which to find the line that leaks and to say so
// before go test ends everything.
func timeLeft(t testing.TB, most, reserve time.Duration) time.Duration {
	t.Helper()
	test, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return most
	}
	deadline, ok := test.Deadline()
	if !ok {
		return most
	}
	left := time.Until(deadline) - reserve
	if left < minTime {
		t.Fatalf("leaktest: the deadline of the test is %s away, want at least %s: raise -timeout",
			time.Until(deadline).Round(time.Second), reserve+minTime)
	}
	return min(most, left)
}

// rerun is the command that runs a test again and keeps its profiles.
func rerun(t testing.TB) []string {
	return []string{"go", "test", "-run", pattern(t.Name()), "-artifacts"}
}
