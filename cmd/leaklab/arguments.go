package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// arguments checks that a command got from least to most arguments. The error
// shows how the command is used, where cobra's would only count.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		want := "want leaklab " + cmd.Use
		switch {
		case len(args) < least:
			return fmt.Errorf("an argument is missing: %s", want)
		case len(args) > most:
			return fmt.Errorf("unexpected argument %q: %s", args[most], want)
		}
		return nil
	}
}

// noCommand is the error of a first word that is no command, with the nearest
// that is one.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	const distance = 2 // letters between a word and what it was meant to be
	root.SuggestionsMinimumDistance = distance
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q: did you mean %s?", args[0], near[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}
