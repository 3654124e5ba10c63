package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxFileBytes keeps recordings and binaries out of the repository, which every
// user of the library downloads.
const maxFileBytes = 1 << 20

// phrase is what no file may contain, and why.
type phrase struct {
	text *regexp.Regexp
	why  string
}

// unwanted are the words that no file may contain, each written so that it does
// not match itself.
var unwanted = []phrase{
	{regexp.MustCompile(`\b[Mm]emory[ ]usage\b`), "say which: live heap, footprint, off-heap or churn"},
	{regexp.MustCompile(`(?i)\bheap[ ]size\b`), "say which: live heap, heap in use or heap obtained from the system"},
	{regexp.MustCompile(`(?i)\bleak[ ]score\b`), "a verdict has a class, reasons and units"},
	{regexp.MustCompile(`\b(?:T[O]DO|FIX[M]E|XX[X])\b`), "finish it or file an issue"},
}

// machinePaths are the home and the working directory of who runs the test:
// such a path in a file means nothing to anybody else.
func machinePaths(t *testing.T) []phrase {
	t.Helper()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dirs := []string{string(filepath.Separator) + "root"}
	for _, dir := range []string{home, checkout} {
		if filepath.Dir(filepath.Dir(dir)) != filepath.Dir(dir) { // not one that is common to machines, such as /tmp
			dirs = append(dirs, dir)
		}
	}
	var paths []phrase
	for _, dir := range dirs {
		text := regexp.MustCompile(`(?:^|[^\w.])` + regexp.QuoteMeta(filepath.Clean(dir)) + `[/\\]`)
		paths = append(paths, phrase{text, "a path of one machine"})
	}
	return paths
}

func TestFilesAreClean(t *testing.T) {
	phrases := append(machinePaths(t), unwanted...)
	for _, path := range projectFiles(t) {
		info, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxFileBytes {
			t.Errorf("%s has %d bytes, want at most %d", path, info.Size(), maxFileBytes)
			continue
		}
		content := read(t, path)
		if !utf8.ValidString(content) {
			continue // not a text
		}
		for _, u := range phrases {
			if at := u.text.FindStringIndex(content); at != nil {
				line := 1 + strings.Count(content[:at[0]], "\n")
				t.Errorf("%s:%d: %q: %s", path, line, content[at[0]:at[1]], u.why)
			}
		}
	}
}

// TestShellScripts lets shellcheck read every script.
func TestShellScripts(t *testing.T) {
	var scripts []string
	for _, path := range projectFiles(t) {
		if strings.HasSuffix(path, ".sh") || strings.HasPrefix(read(t, path), "#!/usr/bin/env bash") {
			scripts = append(scripts, path)
		}
	}
	if len(scripts) < 3 {
		t.Fatalf("found the scripts %q, want .ci/run, ci/setup.sh and ci/services.sh among them", scripts)
	}
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("shellcheck is missing")
	}
	cmd := exec.Command("shellcheck", scripts...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("shellcheck: %v\n%s", err, out)
	}
}
