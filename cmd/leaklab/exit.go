package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// exitError is an error with its exit code and the command to run next.
type exitError struct {
	code harness.ExitCode
	err  error // nil: the code alone, everything is said already
	hint string
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage is an error of the command line or of a file that the user wrote.
func usage(err error, hint string) error {
	return &exitError{code: harness.ExitUsage, err: err, hint: hint}
}

// notRun is an error of the lab's own work.
func notRun(err error, hint string) error {
	return &exitError{code: harness.ExitNotRun, err: err, hint: hint}
}

// keysOfScenarios describes every key of a scenario file.
const keysOfScenarios = "https://github.com/leaklab/leaklab/blob/main/docs/scenario.schema.json"

// scenarioHint is what to do about a scenario that cannot be run by a command:
// make or find one, where there is none, else look at how it is written.
func scenarioHint(command string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "leaklab init writes a leaklab.yaml, leaklab list names the built-in scenarios"
	}
	return command + " --help; the keys of a scenario file: " + keysOfScenarios
}

// explain prints an error, a line for each that is joined in it, and the hint,
// and returns the exit code. An error without a code is cobra's, of the command
// line, which help explains. Where nobody reads the output nothing is said, and
// the command was interrupted.
func explain(w io.Writer, err error, help string) harness.ExitCode {
	if err == nil {
		return harness.ExitPass
	}
	if errors.Is(err, errNoReader) {
		return harness.ExitInconclusive
	}
	e := &exitError{code: harness.ExitUsage, err: err, hint: help}
	errors.As(err, &e)
	if e.err != nil {
		for line := range strings.Lines(e.err.Error()) {
			fmt.Fprintln(w, "leaklab: error: "+strings.TrimSpace(line))
		}
	}
	if e.hint != "" {
		fmt.Fprintln(w, "leaklab: hint: "+e.hint)
	}
	return e.code
}

// checkInconclusive checks the value of --on-inconclusive.
func checkInconclusive(as string) error {
	if as != "" && as != "pass" && as != "fail" {
		return fmt.Errorf("--on-inconclusive %q: want pass or fail", as)
	}
	return nil
}

// instead is the exit code of what is inconclusive, as --on-inconclusive has it.
func instead(code harness.ExitCode, as string) harness.ExitCode {
	switch as {
	case "pass":
		return harness.ExitPass
	case "fail":
		return harness.ExitLeak
	}
	return code
}

// exitWith is the error of an exit code; nil for a pass. With --report-only, a
// finding is one as well, which is said: a gate that cannot fail must not look
// like one that did not.
func exitWith(w io.Writer, code harness.ExitCode, reportOnly bool) error {
	if reportOnly && (code == harness.ExitLeak || code == harness.ExitInconclusive) {
		fmt.Fprintf(w, "leaklab: warning: --report-only: exit 0 in place of %d; THIS GATE FAILS NOTHING\n", code)
		return nil
	}
	if code == harness.ExitPass {
		return nil
	}
	return &exitError{code: code}
}
