package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
)

// asLeaklab makes the test binary leaklab itself. Targets inherit it: they are
// the same binary again.
const asLeaklab = "LEAKLAB_TEST_AS_LEAKLAB"

// commandTime bounds a command of a test. The longest, with a target that hangs,
// takes 25 s.
const commandTime = 2 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(asLeaklab) != "" {
		main()
	}
	os.Setenv(asLeaklab, "1")
	os.Unsetenv("NO_COLOR")
	flag.Set("test.parallel", "4") // most of the tests wait, one of them for 25 s
	os.Exit(m.Run())
}

// shell is a directory in which commands are run as a user runs them: it holds
// the scenarios of testdata and, for temporary files, tmp.
type shell struct {
	*testing.T
	dir string
}

func newShell(t *testing.T) shell {
	t.Helper()
	t.Parallel()
	s := shell{t, t.TempDir()}
	if err := os.CopyFS(s.dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.path("tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s shell) path(name string) string { return filepath.Join(s.dir, name) }

// run runs leaklab with the words of a line as arguments, to its end.
func (s shell) run(line string) result {
	s.Helper()
	return s.start(line).wait()
}

// start starts leaklab with the words of a line as arguments.
func (s shell) start(line string) *command {
	s.Helper()
	c := s.prepare(line)
	c.begin()
	return c
}

// prepare makes a command that has not begun.
func (s shell) prepare(line string) *command {
	s.Helper()
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), commandTime)
	s.Cleanup(cancel)
	c := &command{shell: s, line: line, done: make(chan struct{})}
	c.cmd = exec.CommandContext(ctx, self, strings.Fields(line)...)
	c.cmd.Dir = s.dir
	c.cmd.Env = append(os.Environ(), "TMPDIR="+s.path("tmp"), "TMP="+s.path("tmp"))
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	c.cmd.WaitDelay = time.Second
	return c
}

func (c *command) begin() {
	c.Helper()
	if err := c.cmd.Start(); err != nil {
		c.Fatal(err)
	}
	go func() {
		defer close(c.done)
		c.err = c.cmd.Wait()
	}()
	c.Cleanup(func() { <-c.done })
}

// record is the record of a run in a directory.
func (s shell) record(dir string) harness.Record {
	s.Helper()
	record, err := journal.Read(s.path(dir))
	if err != nil {
		s.Fatal(err)
	}
	return record
}

// wantNoTemp fails the test when a temporary file is left.
func (s shell) wantNoTemp() {
	s.Helper()
	if left := s.temp(); len(left) > 0 {
		s.Errorf("temporary files left: %q", left)
	}
}

func (s shell) temp() []string {
	s.Helper()
	left, err := filepath.Glob(s.path("tmp/*"))
	if err != nil {
		s.Fatal(err)
	}
	return left
}

// command is leaklab at work.
type command struct {
	shell
	line           string
	cmd            *exec.Cmd
	stdout, stderr output
	done           chan struct{}
	err            error // how it ended, once done is closed
}

// result is what a command came to.
type result struct {
	shell
	line, stdout, stderr string
	code                 int
}

// wait waits until the command ends.
func (c *command) wait() result {
	c.Helper()
	<-c.done
	r := result{shell: c.shell, line: c.line, stdout: c.stdout.String(), stderr: c.stderr.String()}
	r.code = c.cmd.ProcessState.ExitCode()
	if exit := new(exec.ExitError); c.err != nil && !errors.As(c.err, &exit) {
		c.Fatalf("leaklab %s: %v\n%s", c.line, c.err, r.stderr)
	}
	return r
}

// await waits until the command has written a text to standard error.
func (c *command) await(text string) {
	c.Helper()
	c.until("leaklab writes "+text, func() bool { return strings.Contains(c.stderr.String(), text) })
}

// until waits for something to come true while the command runs.
func (c *command) until(what string, holds func() bool) {
	c.Helper()
	for !holds() {
		select {
		case <-c.done:
			c.Fatalf("leaklab %s: ended before: %s\n%s%s", c.line, what, c.stdout.String(), c.stderr.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// want checks the exit code, and that standard output and error together hold
// all of the texts.
func (r result) want(code harness.ExitCode, texts ...string) {
	r.Helper()
	missing := []string{}
	for _, text := range texts {
		if !strings.Contains(r.stdout+r.stderr, text) {
			missing = append(missing, text)
		}
	}
	if r.code != int(code) || len(missing) > 0 {
		r.Errorf("leaklab %s: exit %d, want %d; missing: %q\nstdout:\n%s\nstderr:\n%s", r.line, r.code, code, missing, r.stdout, r.stderr)
	}
}

// output is what a process has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
