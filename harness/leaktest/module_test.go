package leaktest

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestWhatImportingThemBrings shows what a module without requirements comes to
// require and to compile in when it imports the probe and this package: the probe
// brings leaklab alone. No proxy is asked. If it trips: a dependency of package lab
// is a dependency of every user's tests, so see first whether it can be done
// without, or moved to where the command alone imports it; then write testdata anew
// with -update and change what the README says.
func TestWhatImportingThemBrings(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // seconds
	}
	var got strings.Builder
	for _, pkg := range []string{"probe", "leaktest"} {
		path := "github.com/leaklab/leaklab/harness/" + pkg
		dir := importer(t, path)
		fmt.Fprintf(&got, "go.mod of an importer of harness/%s requires\n%s", pkg, lines(required(t, dir)))
		fmt.Fprintf(&got, "compiled in with harness/%s are\n%s", pkg, lines(compiledIn(t, dir, path)))
	}
	golden := filepath.Join("testdata", "modules.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

// importer makes a module whose test imports a package, and has it tidied.
func importer(t *testing.T, path string) (dir string) {
	t.Helper()
	leaklab, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for name, content := range map[string]string{
		"go.mod":          "module example.com/service\n\ngo 1.26.0\n",
		"service.go":      "package service\n",
		"service_test.go": "package service\n\nimport _ \"" + path + "\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	goCommand(t, dir, "mod", "edit", "-require=github.com/leaklab/leaklab@v0.0.0", "-replace=github.com/leaklab/leaklab="+leaklab)
	goCommand(t, dir, "mod", "tidy")
	return dir
}

// required is the modules that a go.mod requires, the indirect ones marked.
func required(t *testing.T, dir string) []string {
	t.Helper()
	var module struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(goCommand(t, dir, "mod", "edit", "-json"), &module); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range module.Require {
		paths = append(paths, r.Path+map[bool]string{true: " // indirect"}[r.Indirect])
	}
	return paths
}

// compiledIn is the modules of the packages that a package imports, itself included.
func compiledIn(t *testing.T, dir, path string) []string {
	t.Helper()
	return strings.Fields(string(goCommand(t, dir, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", path)))
}

// lines is a sorted list, one element a line.
func lines(list []string) string {
	slices.SortFunc(list, cmp.Compare)
	return "\t" + strings.Join(slices.Compact(list), "\n\t") + "\n"
}

func goCommand(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &stderr)
	}
	return out
}
