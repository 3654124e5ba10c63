package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness/backend/owner"
)

// dirPrefix starts the name of a temporary directory; the owner's process id and
// something random follow: leaklab-sql-4711-123456789.
const dirPrefix = "leaklab-sql-"

// sweepAge is how old a directory must be before it can be taken for a left-over:
// far longer than a start takes.
const sweepAge = time.Minute

// makeDir makes a directory that names its owner, with mode 0700.
func makeDir(parent string) (string, error) {
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-*", dirPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	return filepath.Abs(dir)
}

// sweep removes the directories of runs that were killed before they could. What
// cannot be removed, such as another user's, is left to its owner.
func sweep(parent string, now time.Time) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // the parent's fault is found when a directory is made in it
	}
	for _, entry := range entries {
		rest, ours := strings.CutPrefix(entry.Name(), dirPrefix)
		id, _, _ := strings.Cut(rest, "-")
		pid, err := strconv.Atoi(id)
		if !ours || err != nil || !entry.IsDir() || owner.Alive(pid) {
			continue
		}
		if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > sweepAge {
			os.RemoveAll(filepath.Join(parent, entry.Name()))
		}
	}
}
