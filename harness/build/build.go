// Package build makes the programs that a scenario says to build: go build of a
// main package, of the sources as they are or of a git revision in a work tree of
// its own. It stands before the targets in the flow: a built program is started as
// any other command.
//
// It keeps no cache, Go's own is enough, and touches no file of the user's: work
// trees and binaries are in a temporary directory, and a work tree is taken out of
// the repository's list again however the build ended. It fetches no revision that
// the repository does not have.
//
// All programs are built with -trimpath, so that a report names the same file of
// two revisions by the same path: example.com/shop/cart.go, relative to the module
// once its path is taken off, and not the work tree's.
package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// timeout bounds the build of one program. A service of 150 modules takes 40 s
// with an empty build cache on 2 cores (2026-11); the rest is for downloads.
const timeout = 10 * time.Minute

// Program is what to build.
type Program struct {
	// Dir is the directory that Package is relative to, in the user's module.
	Dir string
	harness.Build
}

// Binary is a program that was built.
type Binary struct {
	// Path is the file to run, absolute.
	Path string
	// Commit is the revision's full hash, empty for the sources as they are.
	Commit string
}

// Error is why a program was not built.
type Error struct {
	Program Program
	// Prefix is the program's Dir below the top of its repository, and so where its
	// sources are in any work tree: shop/, with slashes, empty at the top. Of the
	// sources as they are it is not asked for.
	Prefix string
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("build %s: %v", e.Program, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Make builds programs into dir, one of [TempDir], one after the other, and returns
// their binaries in the same order. Equal programs are built once, and none where a
// revision is not there. say is told before each build what it is of. The error of a
// program that was not built is an [*Error] with what the compiler wrote, at most
// 4 KiB of it.
func Make(ctx context.Context, dir string, programs []Program, say func(what string)) (binaries []Binary, err error) {
	origins := make([]origin, len(programs))
	for i, p := range programs {
		if origins[i], err = p.origin(ctx); err != nil {
			return nil, &Error{Program: p, Prefix: origins[i].prefix, Err: err}
		}
	}
	var trees worktrees
	defer func() {
		if left := trees.remove(); err == nil {
			err = left
		}
	}()
	for i, p := range programs {
		if j := slices.IndexFunc(programs[:i], p.equal); j >= 0 {
			binaries = append(binaries, binaries[j])
			continue
		}
		b, err := makeOne(ctx, &trees, p, origins[i], filepath.Join(dir, strconv.Itoa(i)), say)
		if err != nil {
			return nil, &Error{Program: p, Prefix: origins[i].prefix, Err: err}
		}
		binaries = append(binaries, b)
	}
	return binaries, nil
}

// origin is where the program's sources are, the zero value for the sources as they
// are.
func (p Program) origin(ctx context.Context) (origin, error) {
	if p.Revision == "" {
		return origin{}, nil
	}
	return resolve(ctx, p.Dir, p.Revision)
}

// makeOne builds a program of an origin into a directory of its own: the binary in
// bin, beside the work tree where there is one.
func makeOne(ctx context.Context, trees *worktrees, p Program, from origin, dir string, say func(string)) (b Binary, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no end after %s", timeout))
	defer cancel()
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return Binary{}, err
	}
	b.Commit = from.commit
	source, what := p.Dir, p.String()
	if from.commit != "" {
		what += fmt.Sprintf(" (%.12s)", from.commit)
	}
	say(what)
	if from.commit != "" {
		if source, err = trees.add(ctx, filepath.Join(dir, "tree"), p.Dir, from); err != nil {
			return Binary{}, err
		}
	}
	// The Go command names the program in bin, with .exe where that is needed. Its own
	// temporary files are in dir, because it leaves them when it is interrupted.
	if _, err := run(ctx, source, []string{"GOTMPDIR=" + dir}, "go", arguments(p.Build, bin)...); err != nil {
		return Binary{}, err
	}
	b.Path, err = only(bin)
	return b, err
}

// only is the one program in a directory.
func only(bin string) (string, error) {
	files, err := os.ReadDir(bin)
	if err != nil {
		return "", err
	}
	if len(files) != 1 {
		return "", fmt.Errorf("%d programs, want the path of one main package, such as ./cmd/server", len(files))
	}
	return filepath.Join(bin, files[0].Name()), nil
}

// arguments are those of the Go command that builds a program into a directory. Of
// a flag that is given twice the last one counts: the scenario's come first.
func arguments(b harness.Build, bin string) []string {
	args := append([]string{"build"}, b.Flags...)
	return append(args, "-trimpath", "-o", bin+string(filepath.Separator), "--", b.Package)
}

// String is the program as a message names it: ./cmd/server at main.
func (p Program) String() string {
	if p.Revision == "" {
		return p.Package
	}
	return p.Package + " at " + p.Revision
}

// equal tells whether both give the same binary.
func (p Program) equal(other Program) bool {
	return p.Dir == other.Dir && p.Package == other.Package && p.Revision == other.Revision && slices.Equal(p.Flags, other.Flags)
}
