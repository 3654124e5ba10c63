package target

import (
	"bytes"
	"fmt"
	"strings"
)

// started is the writer of a guard's standard output: it finds the line that says
// which process the guard has started.
type started struct {
	line  []byte
	known chan struct{} // closed when pid is
	pid   int
}

func newStarted() *started { return &started{known: make(chan struct{})} }

// startedForm is the line by which a guard says which process it has started.
const startedForm = "STARTED pid=%d"

// Write never fails: a guard says nothing else.
func (s *started) Write(p []byte) (int, error) {
	if s.line = append(s.line, p...); s.pid == 0 && bytes.HasSuffix(s.line, []byte("\n")) {
		if _, err := fmt.Sscanf(string(s.line), startedForm, &s.pid); err == nil && s.pid > 0 {
			close(s.known)
		}
	}
	return len(p), nil
}

// textWatch is a writer that waits for a text, which may come in pieces.
type textWatch struct {
	text  []byte
	last  []byte        // the end of what was written, shorter than text
	found chan struct{} // closed when it is; from the start where text is empty
	done  bool
}

func newTextWatch(text string) *textWatch {
	w := &textWatch{text: []byte(text), found: make(chan struct{})}
	_, _ = w.Write(nil)
	return w
}

// Write never fails.
func (w *textWatch) Write(p []byte) (int, error) {
	if w.done {
		return len(p), nil
	}
	seen := append(w.last, p...)
	if bytes.Contains(seen, w.text) {
		w.done, w.last = true, nil
		close(w.found)
		return len(p), nil
	}
	w.last = append(w.last[:0], seen[max(0, len(seen)-len(w.text)+1):]...)
	return len(p), nil
}

// maxOutputBytes bounds what a command may print for leaklab to read.
const maxOutputBytes = 1 << 20

// capped is a writer that keeps the beginning. It never fails.
type capped struct{ text strings.Builder }

func (c *capped) Write(p []byte) (int, error) {
	c.text.Write(p[:min(len(p), maxOutputBytes-c.text.Len())])
	return len(p), nil
}
