package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// removeTime bounds the removal of a work tree, which goes on after an interrupt.
const removeTime = 30 * time.Second

// worktrees are the work trees of revisions that were added to repositories, to be
// removed again. The zero value has none.
type worktrees struct {
	added []worktree
}

// worktree is a revision's files at path, which the repository at dir lists.
type worktree struct {
	path, dir string
	origin
}

// origin is where the sources of a revision are.
type origin struct {
	commit string // the full hash
	prefix string // of the program's directory below the repository's top
}

// add checks a commit out at path, a directory that is not there yet, and returns
// the place in it that dir has in its own work tree. Where the commit is there
// already for the same repository directory, it returns that place.
func (w *worktrees) add(ctx context.Context, path, dir string, from origin) (string, error) {
	for _, t := range w.added {
		if t.dir == dir && t.commit == from.commit {
			return t.place()
		}
	}
	t := worktree{path: path, dir: dir, origin: from}
	w.added = append(w.added, t) // even if it is there by half only
	if _, err := git(ctx, dir, "worktree", "add", "--detach", "--quiet", path, t.commit); err != nil {
		return "", err
	}
	return t.place()
}

// place is the directory of the work tree that corresponds to the repository
// directory it was made for.
func (t worktree) place() (string, error) {
	place := filepath.Join(t.path, filepath.FromSlash(t.prefix))
	if _, err := os.Stat(place); err != nil {
		return "", fmt.Errorf("there is no directory %s in this revision", t.prefix)
	}
	return place, nil
}

// remove takes all work trees away, off the disk and off the lists of their
// repositories. It does not ask git to prune: that would also forget work trees of
// the user's that are on a disk that is not mounted.
func (w *worktrees) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTime)
	defer cancel()
	var errs []error
	for _, t := range w.added {
		errs = append(errs, t.remove(ctx))
	}
	return errors.Join(errs...)
}

func (t worktree) remove(ctx context.Context) error {
	// Force once for changed files, which a build may leave, twice for the lock that
	// git holds while it adds one.
	if _, err := git(ctx, t.dir, "worktree", "remove", "--force", "--force", t.path); err != nil {
		if listed, listErr := git(ctx, t.dir, "worktree", "list", "--porcelain"); listErr == nil && !strings.Contains(listed, filepath.ToSlash(t.path)) {
			return nil // it was never added
		}
		return fmt.Errorf("work tree %s is left: %w", t.path, err)
	}
	return nil
}

var (
	// ErrNoCommit is of a revision that the repository does not have, which a shallow
	// clone may fetch.
	ErrNoCommit = errors.New("the repository has no such commit")
	// ErrNoRepository is of a revision for a directory in which git finds no
	// repository.
	ErrNoRepository = errors.New("git finds no repository there")
)

// resolve is the origin of the commit that a revision names.
func resolve(ctx context.Context, dir, revision string) (from origin, err error) {
	if strings.HasPrefix(revision, "-") {
		return origin{}, fmt.Errorf("revision %q, want a branch, a tag or a commit", revision)
	}
	from.prefix, err = git(ctx, dir, "rev-parse", "--show-prefix")
	if _, answered := errors.AsType[*exec.ExitError](err); answered {
		return origin{}, fmt.Errorf("revision %q of %s: %w: %w", revision, dir, ErrNoRepository, err)
	}
	if err != nil {
		return origin{}, err
	}
	from.commit, err = git(ctx, dir, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err != nil && ctx.Err() == nil {
		return from, fmt.Errorf("revision %q: %w", revision, ErrNoCommit)
	}
	return from, err
}

// git runs git in a directory, without the repository's hooks, which are not for
// work trees of ours, and returns what it printed.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	return run(ctx, dir, nil, "git", append([]string{"-c", "core.hooksPath=" + os.DevNull}, args...)...)
}
