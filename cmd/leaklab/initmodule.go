package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// facts is what leaklab init knows of a module. The exported ones stand in the
// files that it writes.
type facts struct {
	dir, top string // the module's directory, and that of its repository
	// Name is the scenario's, Package the main package to build, Others those that
	// may be meant as well.
	Name    string
	Package string
	Others  []string
	// Pprof tells that the package imports net/http/pprof, itself or through others.
	Pprof bool
	// Probe tells that it imports harness/probe, and so mounts the probe itself,
	// Auto that it does by harness/probe/auto.
	Probe, Auto bool
	// Subdir, GoMod and Out are the module, its go.mod and the run in CI, relative to
	// the repository.
	Subdir, GoMod, Out string
	listening
	// Routes are requests that the package's sources, and those of the module that
	// it is made of, seem to answer.
	Routes []route
}

// goPackage is what go list tells of a package.
type goPackage struct {
	Name, Dir, ImportPath string
	GoFiles, Deps         []string
	Module                *struct{ Path, Dir string }
}

// lookAt finds out what is to know of the module in a directory.
func lookAt(ctx context.Context, dir string) (facts, error) {
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return facts{}, err
	}
	all, err := listPackages(ctx, dir)
	if err != nil {
		return facts{}, err
	}
	packages := mains(all)
	if len(packages) == 0 {
		return facts{}, fmt.Errorf("module in %s: no main package; a library's handlers are judged in its tests, by harness/leaktest", dir)
	}
	p := packages[0]
	f := facts{dir: dir, Name: scenarioName(p.Module.Path), Package: p.relative(), Pprof: p.imports("net/http/pprof")}
	const probe = "github.com/leaklab/leaklab/harness/probe"
	f.Auto = p.imports(probe + "/auto")
	f.Probe = p.imports(probe) && !f.Auto
	for _, other := range packages[1:] {
		f.Others = append(f.Others, other.relative())
	}
	if f.top, f.Subdir, err = repositoryOf(dir); err != nil {
		return facts{}, err
	}
	f.GoMod, f.Out = path.Join(f.Subdir, "go.mod"), path.Join(f.Subdir, "leaklab-run")
	f.listening = findListening(p.Dir, p.GoFiles)
	f.Routes = findRoutes(sources(p, all))
	return f, nil
}

// listPackages lists the packages of the module in a directory.
func listPackages(ctx context.Context, dir string) ([]goPackage, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-json=Name,Dir,ImportPath,GoFiles,Deps,Module", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var all []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module != nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// mains are the main packages, those that serve HTTP if there are such.
func mains(all []goPackage) []goPackage {
	programs := slices.DeleteFunc(slices.Clone(all), func(p goPackage) bool { return p.Name != "main" })
	if serving := slices.DeleteFunc(slices.Clone(programs), func(p goPackage) bool { return !p.imports("net/http") }); len(serving) > 0 {
		return serving
	}
	return programs
}

// sources are the files of a package, and of those of the module that it imports.
func sources(p goPackage, all []goPackage) (files []string) {
	for _, other := range all {
		if other.ImportPath == p.ImportPath || p.imports(other.ImportPath) {
			for _, name := range other.GoFiles {
				files = append(files, filepath.Join(other.Dir, name))
			}
		}
	}
	return files
}

// imports tells whether the package imports another, itself or through others.
func (p goPackage) imports(other string) bool { return slices.Contains(p.Deps, other) }

// relative is the package as go build takes it in the module's directory.
func (p goPackage) relative() string {
	below := strings.Trim(strings.TrimPrefix(p.ImportPath, p.Module.Path), "/")
	if below == "" {
		return "."
	}
	return "./" + below
}

var (
	majorVersion = regexp.MustCompile(`^v[0-9]+$`)
	notInName    = regexp.MustCompile(`[^a-z0-9]+`)
)

// scenarioName is the last word of a module's path, in the form of a scenario's
// name.
func scenarioName(module string) string {
	name := path.Base(module)
	if majorVersion.MatchString(name) {
		name = path.Base(path.Dir(module))
	}
	name = strings.Trim(notInName.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name = strings.TrimRight(name[:min(len(name), 64)], "-"); name == "" {
		return "service"
	}
	return name
}

// repositoryOf is the directory of the git repository at or above a directory, the
// directory itself where there is none, and the way from there, with slashes.
func repositoryOf(dir string) (top, below string, err error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	for at := absolute; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			up, err := filepath.Rel(absolute, at)
			if err != nil {
				return "", "", err
			}
			down, err := filepath.Rel(at, absolute)
			return filepath.Join(dir, up), filepath.ToSlash(down), err
		}
		if filepath.Dir(at) == at {
			return dir, ".", nil
		}
	}
}
