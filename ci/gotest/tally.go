package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// event is one line of go test -json, see go doc test2json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// test names a test; one without a Name is its package.
type test struct{ Package, Name string }

// tally counts the results of go test. Its zero value is ready for use.
type tally struct {
	passed, failed int
	skipped        []skip
	// order and output hold what unfinished tests have printed.
	order  []test
	output map[test]string
}

type skip struct {
	test
	reason string
}

// read follows the events of go test to their end. It writes the output of
// packages as it comes and that of tests once they fail.
func (t *tally) read(events io.Reader, w io.Writer) error {
	t.output = map[test]string{}
	for r := bufio.NewReader(events); ; {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				e = event{Action: "build-output", Output: string(line)}
			}
			t.add(e, w)
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (t *tally) add(e event, w io.Writer) {
	id := test{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(w, e.Output)
	case e.Test == "" && e.Action == "output":
		if e.Output != "PASS\n" && !strings.HasSuffix(e.Output, "[no test files]\n") {
			fmt.Fprint(w, e.Output)
		}
	case e.Test == "" && e.Action == "fail":
		t.flush(e.Package, w) // a panic or a timeout ends tests without a result
	case e.Test == "":
	case e.Action == "run":
		t.order = append(t.order, id)
	case e.Action == "output":
		if !strings.HasPrefix(e.Output, "=== ") { // RUN, PAUSE, CONT, NAME
			t.output[id] += e.Output
		}
	case e.Action == "pass":
		t.passed++
		delete(t.output, id)
	case e.Action == "fail":
		t.failed++
		fmt.Fprint(w, t.output[id])
		delete(t.output, id)
	case e.Action == "skip":
		t.skipped = append(t.skipped, skip{id, reason(t.output[id])})
		delete(t.output, id)
	}
}

// flush writes what the unfinished tests of a package have printed.
func (t *tally) flush(pkg string, w io.Writer) {
	for _, id := range t.order {
		if id.Package == pkg {
			fmt.Fprint(w, t.output[id])
			delete(t.output, id)
		}
	}
}

// print writes the counts and the skipped tests.
func (t *tally) print(w io.Writer) {
	fmt.Fprintf(w, "\n%d tests passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	for _, s := range t.skipped {
		fmt.Fprintf(w, "skipped: %s %s: %s\n", s.Package, s.Name, s.reason)
	}
}

// position is the file and line that testing puts before a message.
var position = regexp.MustCompile(`^\w+\.go:\d+: `)

// reason is what a skipped test printed beside its result.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--- ") {
			said = append(said, position.ReplaceAllString(line, ""))
		}
	}
	if said == nil {
		return "no reason given"
	}
	return strings.Join(said, "; ")
}
