package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// TestExamples runs the examples as a user does, each a module of its own that is
// built for the run: the leak is found for what it is and where it is, and the fix
// passes.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs, which takes 20 s each")
	}
	for _, example := range []struct {
		name     string
		class    harness.Class
		function string // of the first site
	}{
		{"sessions", harness.Leak, "main.(*Store).Create"},
		{"clients", harness.Goroutine, "main.quote"},
	} {
		t.Run(example.name, func(t *testing.T) {
			s := newShell(t)
			dir, err := filepath.Abs(filepath.Join("..", "..", "examples", example.name))
			if err != nil {
				t.Fatal(err)
			}
			vet := exec.CommandContext(t.Context(), "go", "vet", "./...")
			vet.Dir = dir
			if out, err := vet.CombinedOutput(); err != nil {
				t.Fatalf("go vet: %v\n%s", err, out)
			}
			s.run("run "+filepath.Join(dir, "leaklab.yaml")+" --out run --no-self-test").
				want(harness.ExitPass, "leaklab: building .\n", "LEAK, expected")
			var outcomes []harness.Outcome
			record := s.record("run")
			for _, v := range record.Variants {
				outcomes = append(outcomes, v.Verdict.Outcome)
			}
			if diff := cmp.Diff([]harness.Outcome{harness.Fail, harness.Pass}, outcomes); diff != "" {
				t.Fatalf("outcomes (-want +got):\n%s", diff)
			}
			leaky := record.Variants[0]
			if leaky.Verdict.Class != example.class {
				t.Errorf("class %s, want %s", leaky.Verdict.Class, example.class)
			}
			if len(leaky.Blame) == 0 || leaky.Blame[0].Function != example.function {
				t.Errorf("blame %+v, want %s first", leaky.Blame, example.function)
			}
			s.wantNoTemp()
		})
	}
}
