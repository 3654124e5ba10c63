package probe

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAModuleThatImportsItRequiresNothingElse shows what the import changes in an
// empty module: its go.mod requires leaklab, and nothing of what leaklab requires
// for itself. No proxy is asked.
func TestAModuleThatImportsItRequiresNothingElse(t *testing.T) {
	leaklab, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module example.com/service\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport _ \"github.com/leaklab/leaklab/harness/probe/auto\"\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	goMod := func(args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"mod"}, args...)...)
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
	goMod("edit", "-require=github.com/leaklab/leaklab@v0.0.0", "-replace=github.com/leaklab/leaklab="+leaklab)
	goMod("tidy")
	var module struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(goMod("edit", "-json"), &module); err != nil {
		t.Fatal(err)
	}
	want := []struct{ Path string }{{"github.com/leaklab/leaklab"}}
	if diff := cmp.Diff(want, module.Require); diff != "" {
		t.Errorf("requirements (-want +got):\n%s", diff)
	}
}
