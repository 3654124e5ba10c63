package ci

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fence is a fenced block of a Markdown document.
type fence struct {
	line     int // of its first fence, from 1
	language string
	text     string
}

// fences finds the fenced blocks of a document.
func fences(document string) []fence {
	var found []fence
	var open *fence
	for i, line := range strings.Split(document, "\n") {
		language, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &fence{line: i + 1, language: language}
		case isFence:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return found
}

// documents lists the Markdown documents of the project.
func documents(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, path := range projectFiles(t) {
		if strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
	}
	if len(found) < 3 {
		t.Fatalf("found the documents %q, want README.md, CONTRIBUTING.md and CHANGELOG.md among them", found)
	}
	return found
}

// TestReadmeOpensWithTheTwoCommands holds the first screen to what a newcomer
// needs: one command for the main job, one for the tests.
func TestReadmeOpensWithTheTwoCommands(t *testing.T) {
	const screen = 24 // lines
	blocks := fences(read(t, "README.md"))
	if len(blocks) == 0 || blocks[0].line > screen {
		t.Fatalf("README.md has no block within its first %d lines", screen)
	}
	var commands []string
	for line := range strings.Lines(blocks[0].text) {
		command, _, _ := strings.Cut(line, "#")
		commands = append(commands, strings.TrimSpace(command))
	}
	if diff := cmp.Diff([]string{"make bench-memory", "make check"}, commands); diff != "" {
		t.Errorf("the first block of README.md (-want +got):\n%s", diff)
	}
}

// link is an inline Markdown link or image.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, document := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(read(t, document), -1) {
			target, err := url.Parse(match[1])
			if err != nil {
				t.Errorf("%s: link %q: %v", document, match[1], err)
				continue
			}
			if target.Scheme != "" || target.Path == "" {
				continue // another site, or a place in this document
			}
			file := path.Join(path.Dir(document), target.Path)
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: link to %s: there is no %s", document, match[1], file)
			}
		}
	}
}

var (
	// makeCommand is a make target that a document names, in a block or in code.
	makeCommand = regexp.MustCompile("(?m)(?:^|[`$] ?)make ([a-z-]+)")
	// makeTarget is a documented target of the Makefile.
	makeTarget = regexp.MustCompile(`(?m)^([a-z-]+):.*## \S`)
)

func TestMakeTargetsExist(t *testing.T) {
	targets := map[string]bool{}
	for _, match := range makeTarget.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[match[1]] = true
	}
	for _, document := range documents(t) {
		for _, match := range makeCommand.FindAllStringSubmatch(read(t, document), -1) {
			if !targets[match[1]] {
				t.Errorf("%s: make %s: the Makefile documents no such target", document, match[1])
			}
		}
	}
	for _, name := range strings.Fields(strings.TrimPrefix(phony.FindString(read(t, "Makefile")), ".PHONY:")) {
		if !targets[name] {
			t.Errorf("Makefile: target %s says nothing of itself: want ## and a line", name)
		}
	}
}

var phony = regexp.MustCompile(`(?m)^\.PHONY:.*$`)
