package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	// maxOutput caps what an error holds of a program's output, in bytes. The first
	// errors of a compiler are the ones to read.
	maxOutput = 4 << 10
	// maxAnswer caps what git answers, in bytes: a list of some hundred work trees.
	maxAnswer = 64 << 10
	// stopTime is how long a program may take to end after it was interrupted, to
	// undo what it did by half.
	stopTime = 5 * time.Second
)

// run runs a program in a directory, with env added to the environment, to its end
// and returns what it printed on standard output, without space around it. The
// error holds what it printed on standard error.
func run(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(environment(os.Environ()), env...)
	stdout, stderr := head{limit: maxAnswer}, head{limit: maxOutput}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = stopTime
	cmd.Cancel = func() error {
		if cmd.Process.Signal(os.Interrupt) == nil {
			return nil
		}
		return cmd.Process.Kill() // a system without that signal
	}
	err := cmd.Run()
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return "", fmt.Errorf("%s: %w", name, cause)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if said := strings.TrimSpace(stderr.String()); said != "" {
			return "", fmt.Errorf("%s: %w:\n%s", name, exit, said)
		}
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return strings.TrimSpace(stdout.String()), nil
}

// environment leaves out what would point git at another repository than the
// directory's own: a git hook that runs leaklab has these set.
func environment(all []string) []string {
	return slices.DeleteFunc(all, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY":
			return true
		}
		return false
	})
}

// head keeps the first bytes of what is written to it.
type head struct {
	limit int
	kept  []byte
	cut   bool
}

func (h *head) Write(p []byte) (int, error) {
	room := min(len(p), h.limit-len(h.kept))
	h.kept = append(h.kept, p[:room]...)
	h.cut = h.cut || room < len(p)
	return len(p), nil
}

func (h *head) String() string {
	if h.cut {
		return string(h.kept) + "\n…"
	}
	return string(h.kept)
}
