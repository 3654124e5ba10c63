package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

//go:embed *.yaml
var files embed.FS

// List is the names of the scenarios that leaklab brings, sorted.
func List() []string {
	paths, _ := fs.Glob(files, "*.yaml") // fails on a bad pattern only
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(path, ".yaml")
	}
	slices.Sort(paths) // "a.yaml" stands after "a-b.yaml"
	return paths
}

// Load reads a built-in scenario by its name, or else the user's file at a path,
// and applies the overrides. See [Decode].
func Load(nameOrPath string, sets []Set) (harness.Scenario, error) {
	if data, err := files.ReadFile(nameOrPath + ".yaml"); err == nil {
		return Decode(nameOrPath+".yaml", data, sets)
	}
	data, err := readFile(nameOrPath)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(nameOrPath, `/\.`) {
		return harness.Scenario{}, fmt.Errorf("scenario %q: neither a built-in scenario nor a file: %s",
			nameOrPath, didYouMean(nameOrPath, List()))
	}
	if err != nil {
		return harness.Scenario{}, fmt.Errorf("scenario file: %w", err)
	}
	return Decode(nameOrPath, data, sets)
}

// readFile reads a file up to a byte more than [Decode] takes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFileBytes+1))
}
