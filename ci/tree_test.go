package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// root is the project's directory as seen from this package's tests.
const root = ".."

// module is the path that all import paths of the project begin with.
const module = "github.com/leaklab/leaklab"

// goPackage is what the tests need of a package in `go list -json`.
type goPackage struct {
	ImportPath string
	Dir        string
	Standard   bool
	Imports    []string // direct
	Deps       []string // direct and indirect
}

// ours tells whether the package belongs to the project.
func (p goPackage) ours() bool { return within(p.ImportPath, module) }

// goFiles lists the package's files of all platforms, without its tests.
func (p goPackage) goFiles(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// packages lists the project's packages and everything that they import, as
// seen from the platform of the tests.
var packages = sync.OnceValues(func() ([]goPackage, error) { return listPackages("") })

// listPackages lists them as seen from goos; empty is the platform of the tests.
func listPackages(goos string) ([]goPackage, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Imports,Deps", "./...")
	cmd.Dir = root
	cmd.Env = os.Environ()
	if goos != "" {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "CGO_ENABLED=0")
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	var listed []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return listed, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		listed = append(listed, p)
	}
}

// ourPackages lists the project's packages.
func ourPackages(t *testing.T) []goPackage {
	t.Helper()
	all, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(p goPackage) bool { return !p.ours() })
}

// within tells whether path is dir or lies below it.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// projectFiles lists the project's files by their slash-separated path below
// root: all but Git's own and what .gitignore names.
func projectFiles(t *testing.T) []string {
	t.Helper()
	ignored := []string{".git", "bin", "reports/out", "coverage.out"}
	var files []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		switch {
		case slices.Contains(ignored, path):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case entry.Type().IsRegular() && !strings.HasSuffix(path, ".test"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// read is the content of a file of the project.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
