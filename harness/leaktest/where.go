package leaktest

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

const (
	// namedSites is how many sites a failure names: the first holds nearly all.
	namedSites = 3
	// notableShare is the part of the growth from which on a further site is one.
	notableShare = 0.1
	// namedFrames is how many calls of the first site's stack it shows.
	namedFrames = 8
)

// line is a labelled line of a failure.
type line struct{ label, text string }

// where is the sites of a leak, with the stack of the first. What goroutines hold
// that never end is not said: it is there for as long as they are.
func where(v harness.Result) []line {
	if v.Verdict.Outcome != harness.Fail {
		return nil
	}
	var lines []line
	for i, b := range v.Blame[:min(namedSites, len(v.Blame))] {
		label := "allocated"
		switch {
		case b.GrowthGoroutines > 0:
			label = "started"
		case v.Verdict.Class == harness.Goroutine && i > 0, b.Share < notableShare && i > 0:
			continue
		}
		at := harness.Frame{Function: b.Function, File: b.File, Line: b.Line}
		lines = append(lines, line{label, fmt.Sprintf("%s  %.0f %% of the growth, known as %s", place(at), 100*b.Share, b.Fingerprint)})
		if i == 0 {
			lines = append(lines, stack(b)...)
		}
	}
	return lines
}

// stack is the calls that lead to a site, innermost first, without the runtime's
// and those of what calls the code under test; nothing where that is the site alone.
func stack(b harness.Blame) []line {
	var lines []line
	for _, f := range b.Stack {
		if isOutside(f) || len(lines) == namedFrames {
			break
		}
		if !strings.HasPrefix(f.Function, "runtime.") {
			lines = append(lines, line{"", place(f)})
		}
	}
	if len(lines) < 2 {
		return nil
	}
	lines[0].label = "stack"
	return lines
}

// isOutside tells whether a frame calls the code under test.
func isOutside(f harness.Frame) bool {
	for _, caller := range []string{"testing.", "net/http.serverHandler", "net/http.(*conn)."} {
		if strings.HasPrefix(f.Function, caller) {
			return true
		}
	}
	return isMeasurement(f)
}

// place is a line of code as a reader of the test's output finds it.
func place(f harness.Frame) string {
	return fmt.Sprintf("%s:%d  %s", shortFile(f.File), f.Line, shortFunction(f.Function))
}

// shortFunction is a function's name without the directories of its package.
func shortFunction(name string) string {
	end := len(name)
	if i := strings.IndexAny(name, "[("); i >= 0 {
		end = i
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}

// shortFile is a file relative to the package under test, the module cache or
// GOROOT.
func shortFile(file string) string {
	file = filepath.ToSlash(file)
	if _, inCache, ok := strings.Cut(file, "/pkg/mod/"); ok {
		return inCache
	}
	if _, standard, ok := strings.Cut(file, "/go/src/"); ok {
		return standard
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return file
	}
	relative, err := filepath.Rel(here, filepath.FromSlash(file))
	if err != nil || len(relative) > len(file) {
		return file
	}
	return filepath.ToSlash(relative)
}
