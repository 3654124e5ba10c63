package ci

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// commandTime bounds one documented command. The slowest takes about 5 s.
const commandTime = time.Minute

// TestDocumentedCommands runs the commands of the documents, so that they stay
// true. A block of the language console is a session in a shell: what follows
// "$ " is run, the other lines show what it may print and are not compared. A
// comment "# exit N" says how a command ends, if not with 0. A yaml block that
// opens with the comment "# NAME.yaml" is put beside the commands as that file.
// The commands of a document share one directory and run in their order.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("runs scenarios, which takes some seconds")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./cmd/leaklab")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	run := 0
	for _, document := range documents(t) {
		t.Run(document, func(t *testing.T) { run += runDocument(t, read(t, document)) })
	}
	if run == 0 {
		t.Error("no document has a command to run")
	}
}

// fileName is the comment by which a block of YAML says which file it is.
var fileName = regexp.MustCompile(`^# ([\w-]+\.yaml)\b`)

// runDocument runs the commands of a document and returns their number.
func runDocument(t *testing.T, document string) (run int) {
	dir := t.TempDir()
	for _, block := range fences(document) {
		if match := fileName.FindStringSubmatch(block.text); block.language == "yaml" && match != nil {
			if err := os.WriteFile(filepath.Join(dir, match[1]), []byte(block.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if block.language != "console" {
			continue
		}
		for line := range strings.Lines(block.text) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				runCommand(t, dir, strings.TrimSpace(command))
				run++
			}
		}
	}
	return run
}

var exitComment = regexp.MustCompile(`# exit (\d+)`)

func runCommand(t *testing.T, dir, command string) {
	t.Helper()
	want := 0
	if match := exitComment.FindStringSubmatch(command); match != nil {
		want, _ = strconv.Atoi(match[1]) // digits
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTime)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-c", command)
	shell.Dir = dir
	shell.WaitDelay = time.Second
	out, err := shell.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", command, err)
	}
	if got := shell.ProcessState.ExitCode(); got != want {
		t.Errorf("%s: exit %d, want %d:\n%s", command, got, want, out)
	}
}
