package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/target"
)

// stepTime bounds a command that runs before or after the load. A migration of a
// test database takes seconds.
const stepTime = time.Minute

// before runs a step before the load and takes what it prints for the steps and
// the requests that follow.
func (c *program) before(ctx context.Context, i int, step []string) error {
	guarded, err := c.guarded(step, fmt.Sprintf("%s.before%d.log", c.variant.Name, i))
	if err != nil {
		return err
	}
	output, err := runStep(ctx, guarded)
	if err != nil {
		return err
	}
	maps.Copy(c.env, printed(string(output)))
	return nil
}

// Stop ends the program and then, once, runs what is to run after it. A step that
// fails there is a warning: the measurement is over.
func (c *program) Stop(grace time.Duration) error {
	err := c.Process.Stop(grace)
	c.after.Do(func() {
		for i, step := range c.variant.After {
			guarded, err := c.guarded(step, fmt.Sprintf("%s.after%d.log", c.variant.Name, i))
			if err == nil {
				_, err = runStep(context.Background(), guarded)
			}
			if err != nil {
				fmt.Fprintf(c.programs.warn, "leaklab: warning: variant %q: after[%d]: %v\n", c.variant.Name, i, err)
			}
		}
	})
	return err
}

// backendsTime is what the start of backends may take, as the lab has it.
const backendsTime = 2 * time.Minute

// startTime bounds the start of a scenario's backends and programs: of the latter,
// the longest wait for one to get ready, and for its steps.
func startTime(variants []harness.Variant) time.Duration {
	var longest time.Duration
	for _, v := range variants {
		longest = max(longest, time.Duration(v.Ready.Timeout)+time.Duration(len(v.Before))*stepTime)
	}
	return backendsTime + longest
}

func runStep(ctx context.Context, g target.Guarded) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, stepTime, fmt.Errorf("not within %s", stepTime))
	defer cancel()
	return target.RunGuarded(ctx, g)
}

// assignment is a line that sets a variable.
var assignment = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)

// printed is the variables that a step's output sets: a line NAME=value each, the
// last of a name counts. All other lines are the step's own business.
func printed(output string) map[string]string {
	variables := map[string]string{}
	for line := range strings.Lines(output) {
		if m := assignment.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			variables[m[1]] = m[2]
		}
	}
	return variables
}
