// Gotest runs go test with the arguments that it is given, prints what
// go test prints of packages and of failing tests, and closes with the tests
// that were skipped and why. It refuses to judge a skip by its reason: where
// LEAKLAB_NO_SKIP is set, as on a machine that has everything, any skipped test
// is a failure. It stands at the end of make check.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if err := run(os.Args[1:], os.Getenv("LEAKLAB_NO_SKIP") != ""); err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(1)
	}
}

// run passes when every test does and, with noSkip, none was skipped.
func run(args []string, noSkip bool) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var tests tally
	readErr := tests.read(events, os.Stdout)
	if err := errors.Join(readErr, cmd.Wait()); err != nil {
		tests.print(os.Stdout)
		return fmt.Errorf("go test: %w", err)
	}
	tests.print(os.Stdout)
	if noSkip && len(tests.skipped) > 0 {
		return fmt.Errorf("%d tests were skipped, want none: LEAKLAB_NO_SKIP is set", len(tests.skipped))
	}
	return nil
}
