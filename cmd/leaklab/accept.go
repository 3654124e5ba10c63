package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/spf13/pflag"
)

// acceptOptions are the flags of leaklab compare --accept.
type acceptOptions struct {
	wanted bool
	into   string
	reason string
	days   int
}

// acceptDays is how long an accepted leak is let pass: a quarter, in which a
// remedy should find its place.
const acceptDays = 90

func (o *acceptOptions) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.wanted, "accept", false, "write the leaks of a RUN down as suppressions, and compare nothing")
	flags.StringVar(&o.into, "into", "", "with --accept: add them to the scenario `FILE` rather than print them")
	flags.StringVar(&o.reason, "reason", "", "with --accept: why they are let pass, `TEXT`")
	flags.IntVar(&o.days, "days", acceptDays, "with --accept: for `N` days from the run")
}

// run writes the leaks of the last of the runs named down as suppressions.
func (o acceptOptions) run(s streams, args []string) error {
	const most = 3650
	if o.days < 1 || o.days > most {
		return usage(fmt.Errorf("--days %d: want 1 to %d", o.days, most), "leaklab compare --help")
	}
	record, err := readRun(args[len(args)-1])
	if err != nil {
		return usage(err, "leaklab compare --accept RUN, with the directory that leaklab run named")
	}
	accepted, refused := compare.Accept(record, o.reason, o.days)
	for _, name := range refused {
		fmt.Fprintf(s.err, "leaklab: warning: variant %q fails all the same: no suppression that is added here covers it\n", name)
	}
	if len(accepted) == 0 {
		fmt.Fprintln(s.err, "leaklab: nothing to accept: no leak is unexpected and unknown")
		return nil
	}
	if o.into == "" {
		text, err := scenarios.SuppressionsYAML(accepted)
		if err == nil {
			_, err = s.out.Write(text)
		}
		if err != nil {
			return notRun(err, "")
		}
		return nil
	}
	if err := o.write(accepted); err != nil {
		return usage(err, "leaklab compare --accept RUN, and paste what it prints")
	}
	fmt.Fprintf(s.err, "leaklab: %s lets pass until %s: %d\n", o.into, accepted[0].Until, len(accepted))
	return nil
}

// write adds suppressions to the scenario file, which is whole at any time.
func (o acceptOptions) write(list []harness.Suppression) error {
	file, err := filepath.EvalSymlinks(o.into)
	if err != nil {
		return fmt.Errorf("--into: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("--into: %w", err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("--into: %w", err)
	}
	if data, err = scenarios.AddSuppressions(o.into, data, list); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("--into: %w", err)
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("--into: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}
