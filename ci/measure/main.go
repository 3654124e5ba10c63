// Measure runs the lab on small services of known shape, many of them and many
// times, and counts how often its verdict is right: clean ones for the false
// alarms, leaking ones for what is caught and how soon. It appends each verdict
// to a file as it falls, so that an interrupted measurement keeps what it has,
// and makes the tables of docs/measurements.md of that file.
//
// It refuses to be a gate: it measures what the project claims, and ends well
// whatever it finds. It stands outside the flow and calls the lab as a user
// would.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
)

const usage = `usage: measure aa|sensitivity [flags]      run services and append their verdicts to a file
       measure resample [flags] FILE…      make runs of the segments of measured ones, and judge them
       measure report [-o DOCUMENT] FILE…  print the tables, or put them into a document`

func main() {
	if len(os.Args) == 2 && os.Args[1] == targetCommand {
		exit(serveTarget())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// exit ends the program; an error is 1.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch args[0] {
	case "aa":
		return measure(ctx, cleanShapes(), args, stdout, stderr)
	case "sensitivity":
		return measure(ctx, leaks(), args, stdout, stderr)
	case "resample":
		return resample(args[1:], stdout, stderr)
	case "report":
		return report(args[1:], stdout, stderr)
	}
	return fmt.Errorf("no command %q\n%s", args[0], usage)
}

// options are the flags of a measurement.
type options struct {
	rate    harness.Rate
	segment int
	runs    int
	batch   int
	// parallel is how many runs are under way at the same time.
	parallel int
	// continuous reads without a collection and without a drain.
	continuous bool
	file       string
	maxTime    time.Duration
}

// measure runs each service as often as asked and prints the table of all that
// the file holds then.
func measure(ctx context.Context, services []service, args []string, stdout, stderr io.Writer) error {
	name := args[0]
	var o options
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.TextVar(&o.rate, "rate", harness.Rate(1000), "requests a second to each service")
	flags.IntVar(&o.segment, "segment", harness.DefaultLoad().Segment, "requests between two checkpoints")
	flags.IntVar(&o.runs, "runs", 10, "verdicts of each service")
	flags.IntVar(&o.batch, "batch", 6, "services side by side in one run")
	flags.IntVar(&o.parallel, "parallel", 1, "runs at the same time")
	only := flags.String("only", "", "measure these services alone: `NAMES` with commas")
	flags.BoolVar(&o.continuous, "continuous", false, "read the services as they work: no drain, no collection")
	flags.StringVar(&o.file, "o", filepath.Join("reports", "out", "measure", name+".jsonl"), "append the verdicts to `FILE`")
	flags.DurationVar(&o.maxTime, "max-time", time.Hour, "start no run after this time")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	services, err := chosen(services, *only)
	if err != nil {
		return err
	}
	o.batch = min(o.batch, len(services))
	if o.runs < 1 || o.batch < 1 || o.parallel < 1 {
		return fmt.Errorf("-runs %d -batch %d -parallel %d: want at least 1", o.runs, o.batch, o.parallel)
	}
	m := measurement{name: name, options: o, log: stderr}
	if err := m.run(ctx, services); err != nil {
		return err
	}
	return report([]string{o.file}, stdout, stderr)
}

// chosen is the services of the names, separated by commas; all of no name.
func chosen(services []service, names string) ([]service, error) {
	if names == "" {
		return services, nil
	}
	var some []service
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(services, func(s service) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: no service %q", name)
		}
		some = append(some, services[i])
	}
	return some, nil
}
