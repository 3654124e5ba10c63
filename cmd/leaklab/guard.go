package main

import (
	"os"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/target"
	"github.com/spf13/cobra"
)

// guardCommand is the hidden subcommand that makes this program the guard of a
// command.
const guardCommand = "guard"

func newGuard() *cobra.Command {
	return &cobra.Command{
		Use:    guardCommand,
		Short:  "Run a command and end it when the lab is gone; the lab starts it",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			// The command has these files as its own: what it writes passes nobody.
			if code := target.Guard(os.Stdin, os.Stdout, os.Stderr); code != 0 {
				return &exitError{code: harness.ExitCode(code)} // the command's own
			}
			return nil
		},
	}
}

// guard is the command line of this very program as a guard.
func guard() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []string{self, guardCommand}, nil
}
