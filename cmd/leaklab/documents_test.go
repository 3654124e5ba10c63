package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios"
)

// TestRunsInDocuments takes the runs of built-in scenarios by which the documents
// say that they measured. They take minutes: here each gets as far as its output
// directory, which is a file. Then its flags and values are right together.
func TestRunsInDocuments(t *testing.T) {
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t)
	runs := 0
	for _, document := range append(documents, "../../README.md") {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
			command, _, _ := strings.Cut(line, "#")
			words := strings.Fields(strings.TrimPrefix(command, "$ "))
			if len(words) < 3 || words[0] != "leaklab" || words[1] != "run" || !slices.Contains(scenarios.List(), words[2]) {
				continue
			}
			runs++
			s.run(strings.Join(words[1:], " ")+" --out single.yaml").want(harness.ExitUsage, "output directory single.yaml: ")
		}
	}
	if runs == 0 {
		t.Error("no document has a run")
	}
}
