package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/build"
)

// notBuilt is the error of a program that could not be built. An interrupt is no
// failure to build.
func notBuilt(err error) error {
	if errors.Is(err, context.Canceled) {
		return &exitError{code: harness.ExitInconclusive, err: err}
	}
	return notRun(err, "")
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
			programs = append(programs, build.Program{Dir: filepath.Join(root, v.Dir), Build: v.Build})
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
