package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness/backend/owner"
)

// dirPrefix starts the name of a temporary directory; the mark of the process that
// made it and something random follow: leaklab-build-4711.88@host-123456789.
const dirPrefix = "leaklab-build-"

// sweepTime bounds the removal of what earlier runs left.
const sweepTime = 30 * time.Second

// TempDir makes a directory for [Make] and for the binaries, to be removed when
// they have ended, and returns its absolute path. Before it does so it removes what runs that were killed left
// behind: their directories, and their work trees in the repository at repository.
func TempDir(ctx context.Context, repository string) (string, error) {
	sweep(ctx, repository, os.TempDir())
	dir, err := os.MkdirTemp("", dirPrefix+owner.Mark()+"-*")
	if err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	return filepath.Abs(dir)
}

// sweep removes left-overs. What cannot be removed, such as another user's, is
// left to its owner; where there is no repository, there are no work trees.
func sweep(ctx context.Context, repository, parent string) {
	ctx, cancel := context.WithTimeout(ctx, sweepTime)
	defer cancel()
	if list, err := git(ctx, repository, "worktree", "list", "--porcelain"); err == nil {
		for line := range strings.Lines(list) {
			path, ok := strings.CutPrefix(strings.TrimSpace(line), "worktree ")
			if ok && abandoned(filepath.Base(filepath.Dir(filepath.Dir(path)))) {
				_ = worktree{path: path, dir: repository}.remove(ctx)
			}
		}
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // the parent's fault is found when a directory is made in it
	}
	for _, entry := range entries {
		if entry.IsDir() && abandoned(entry.Name()) {
			os.RemoveAll(filepath.Join(parent, entry.Name()))
		}
	}
}

// abandoned tells whether a directory's name is that of a process that is gone.
func abandoned(name string) bool {
	mark, ours := strings.CutPrefix(name, dirPrefix)
	end := strings.LastIndexByte(mark, '-')
	return ours && end >= 0 && owner.Abandoned(mark[:end])
}
