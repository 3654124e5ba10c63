package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/build"
)

// notBuilt is the error of a program that could not be built. An interrupt is no
// failure to build, and a revision that is not there, or of no repository, is the
// user's mistake.
func notBuilt(err error) error {
	failed, ofProgram := errors.AsType[*build.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return &exitError{code: harness.ExitInconclusive, err: err}
	case ofProgram && errors.Is(err, build.ErrNoCommit):
		return usage(err, "git branch --all and git tag name what there is; a shallow clone gets it by git fetch origin "+failed.Program.Revision)
	case ofProgram && errors.Is(err, build.ErrNoRepository):
		return usage(err, "git clone the sources: a revision is built from their repository; without --base and revision they are built as they are")
	case ofProgram:
		return notRun(err, buildHint(failed))
	}
	return notRun(err, "")
}

// buildHint is the command that builds a program without leaklab; of a revision, in
// a work tree DIR of the user's.
func buildHint(failed *build.Error) string {
	p := failed.Program
	words := append(append([]string{"go", "build"}, p.Flags...), p.Package)
	for i, word := range words {
		words[i] = shellWord(word)
	}
	if p.Revision != "" {
		tree := []string{"git worktree add --detach DIR", shellWord(p.Revision), "&& cd", shellWord(path.Join("DIR", failed.Prefix)), "&&"}
		words = append(tree, words...)
	}
	if p.Dir != "." {
		words = append([]string{"cd", shellWord(filepath.ToSlash(p.Dir)), "&&"}, words...)
	}
	return strings.Join(words, " ")
}

// shellWord is a word for a shell, in quotes where it needs them.
func shellWord(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]{}#~!") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// sayBuilding tells what is built: a first build takes its time.
func (o runOptions) sayBuilding(w io.Writer) func(what string) {
	return func(what string) {
		if !o.quiet {
			fmt.Fprintln(w, "leaklab: building", what)
		}
	}
}

// buildPrograms makes of each variant that has a build one that has a command: the
// program that was built, with its arguments. root is the directory of the
// scenario's file; a package is relative to the variant's Dir below it. say is told
// what is built. remove takes the programs away again, once they have ended; it is
// never nil.
func buildPrograms(ctx context.Context, root string, variants []harness.Variant, say func(what string)) (built []harness.Variant, remove func() error, err error) {
	remove = func() error { return nil }
	var programs []build.Program
	for _, v := range variants {
		if v.Build.Package != "" {
			programs = append(programs, build.Program{Dir: pathIn(root, v.Dir), Build: v.Build})
		}
	}
	if len(programs) == 0 {
		return variants, remove, nil
	}
	dir, err := build.TempDir(ctx, root)
	if err != nil {
		return nil, remove, err
	}
	remove = func() error { return os.RemoveAll(dir) }
	binaries, err := build.Make(ctx, dir, programs, say)
	if err != nil {
		return nil, remove, err
	}
	for _, v := range variants {
		if v.Build.Package != "" {
			v.Command = append([]string{binaries[0].Path}, v.Build.Args...)
			v.Build, binaries = harness.Build{}, binaries[1:]
		}
		built = append(built, v)
	}
	return built, remove, nil
}
