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
	"time"

	"github.com/leaklab/leaklab/harness"
)

const usage = `usage: measure aa|sensitivity [flags]      run services and append their verdicts to a file
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
	flags.BoolVar(&o.continuous, "continuous", false, "read the services as they work: no drain, no collection")
	flags.StringVar(&o.file, "o", filepath.Join("reports", "out", "measure", name+".jsonl"), "append the verdicts to `FILE`")
	flags.DurationVar(&o.maxTime, "max-time", time.Hour, "start no run after this time")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if o.runs < 1 || o.batch < 1 || o.batch > len(services) {
		return fmt.Errorf("-runs %d -batch %d: want at least 1, and a batch of at most %d", o.runs, o.batch, len(services))
	}
	m := measurement{name: name, options: o, log: stderr}
	if err := m.run(ctx, services); err != nil {
		return err
	}
	return report([]string{o.file}, stdout, stderr)
}
