package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/leaklab/leaklab/harness/sweep"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sweepOptions are the flags of leaklab sweep.
type sweepOptions struct {
	run      runOptions // those of leaklab run that mean the same
	variants []string
	latency  time.Duration
	noFlood  bool
}

func newSweep(s streams) *cobra.Command {
	o := sweepOptions{run: runOptions{keys: map[string]*string{}}}
	cmd := &cobra.Command{
		Use:   "sweep SCENARIO|FILE --set KEY=V1,V2,…",
		Short: "Run a scenario at many values and say what becomes of each variant",
		Long: `Sweep runs every variant of a scenario at every value of a key: what happens when
this set has 100,000 items? Keys with several values make a grid; a key with one
value is an override, as with leaklab run. A comma within quotes, brackets or
braces divides no values: [a, b] is one.

Each point, a variant at a combination of values, is a run of its own, so that no
variant takes the processors of another. After its verdict the target answers a
closed loop over 1, 2, 4, … 64 connections, half a second each: the highest rate
whose 99th percentile of latency is within --latency is its rate within the bound.
A variant that is expected to leak is spared that: it would only fill up.

A target past its memory ceiling is a result, and is not run at larger values; nor
is one whose footprints at smaller values lead far past it.

All goes to DIR: sweep.json, report.md, report.html, and of each point
points/NAME/record.json with its profiles. leaklab report draws DIR again, or a
point. DIR is reports/out/SCENARIO-sweep/TIME unless --out names another. The same command with
the same --out goes on where it was interrupted; points whose scenario has changed
since are run again.

A sweep is no gate: it exits 0 once every point was run, whatever the verdicts.`,
		Example: `  leaklab sweep fraud-check --set data.risky_users=100,1000,10000,100000
  leaklab sweep fraud-check --set data.risky_users=100,10000 --set load.rate=50/s,200/s --variants array,set
  leaklab sweep ./checkout.yaml --set load.connections=1,10,100 --out out/connections`,
		Args: arguments(1, 1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarios.List(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.run.command = commandLine(cmd, args)
			return runSweep(cmd, s, scenarioAt(args[0]), o)
		},
	}
	o.register(cmd.Flags())
	return cmd
}

func (o *sweepOptions) register(flags *pflag.FlagSet) {
	for _, f := range keyFlags {
		o.run.keys[f.key] = flags.String(f.name, "", f.help+" (--set "+f.key+")")
	}
	flags.StringArrayVar(&o.run.sets, "set", nil, "sweep or override a `KEY=V1,V2,...` of the scenario; repeatable")
	flags.StringSliceVar(&o.variants, "variants", nil, "sweep these variants only, `NAME,NAME`")
	flags.DurationVar(&o.latency, "latency", 10*time.Millisecond, "the 99th percentile of latency is within `TIME` at the rate that a variant can hold")
	flags.BoolVar(&o.noFlood, "no-flood", false, "do not search for the rate that a variant can hold")
	flags.StringVarP(&o.run.out, "out", "o", "", "put all of the sweep into `DIR`, or go on with the one there")
	flags.BoolVar(&o.run.force, "force", false, "run again what DIR holds already")
	flags.BoolVar(&o.run.json, "json", false, "print sweep.json instead of the tables")
	flags.BoolVarP(&o.run.quiet, "quiet", "q", false, "print no progress")
	o.run.backends.register(flags)
	flags.BoolVar(&o.run.noSelfTest, "no-self-test", false, noSelfTestHelp)
}

// runSweep runs all points that are still to do and prints the report.
func runSweep(cmd *cobra.Command, s streams, name string, o sweepOptions) error {
	const help = "leaklab sweep --help"
	if o.latency < 0 {
		return usage(fmt.Errorf("--latency %s: want at least 0s, which is no bound", o.latency), help)
	}
	axes, overrides, err := o.axes()
	if err != nil {
		return usage(err, help)
	}
	o.run.sets = overrides
	w := &sweeping{cmd: cmd, streams: s, options: o, name: name}
	if err := w.prepare(axes); err != nil {
		return usage(err, scenarioHint("leaklab sweep", err))
	}
	if err := w.open(); err != nil {
		return err
	}
	return w.conclude(w.points(cmd.Context()))
}

// axes are the keys that have several values; the others are overrides.
func (o sweepOptions) axes() (axes []sweep.Axis, overrides []string, err error) {
	var errs []error
	for _, text := range o.run.sets {
		set, err := scenarios.ParseSet(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		axis, err := sweep.ParseAxis(set.Key, set.Value)
		switch {
		case err != nil:
			errs = append(errs, err)
		case !axis.Swept():
			overrides = append(overrides, text)
		case redactOverride(text) != text:
			errs = append(errs, fmt.Errorf("--set %s: its values are never stored, so that it cannot be swept", set.Key))
		case slices.ContainsFunc(axes, func(a sweep.Axis) bool { return a.Key == axis.Key }):
			errs = append(errs, fmt.Errorf("--set %s: it is swept twice, want all of its values in one", set.Key))
		default:
			axes = append(axes, axis)
		}
	}
	if len(errs) == 0 && len(axes) == 0 {
		errs = append(errs, errors.New("nothing to sweep: want --set KEY=V1,V2,…, such as data.risky_users=100,1000"))
	}
	return axes, overrides, errors.Join(errs...)
}
