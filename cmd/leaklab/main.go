// Leaklab finds memory leaks of Go services before production: it serves the
// variants of a scenario side by side, each in a process of its own, loads them,
// reads their memory at rest and fails when it grows.
//
// This package is the hand: one subcommand a file, which wires the parts and
// shows what they say. It decides nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/redis/go-redis/v9/logging"
	"github.com/spf13/cobra"
)

func main() {
	// The Redis client tells a failed dial twice: as the error, and by a logger
	// of the whole program on standard error, where it would spoil the progress.
	logging.Disable()
	unread, interrupt := context.WithCancelCause(context.Background())
	ctx, stop := interruptible(unread)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], streams{os.Stdin, watched(os.Stdout, interrupt), watched(os.Stderr, interrupt)}))
}

// streams are a command's: results go to out, progress and diagnostics to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// execute runs a command line and returns its exit code.
func execute(ctx context.Context, args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	cmd, err := root.ExecuteContextC(ctx)
	return int(explain(s.err, err, cmd.CommandPath()+" --help"))
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "leaklab",
		Short: "Find memory leaks of Go services before production",
		Long: `leaklab serves the variants of a scenario side by side, each in a process of
its own, sends all of them the same requests, reads their memory at rest after
each segment of requests, and says of each whether it leaks: how many bytes a
request, and which line allocates them.

Exit codes, the same for every output format:
  0  every variant is what the scenario expects
  1  the lab could not run, a target died, most requests failed, or a leak that
     was expected was not caught
  2  usage or configuration: nothing was started
  3  a leak, or a budget that was passed
  4  inconclusive, or interrupted`,
		Example: `  leaklab run fraud-check
  leaklab run ./checkout.yaml --set load.rate=200/s
  leaklab report reports/out/fraud-check/20261124-081503`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		Version:       versionOf(),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate(versionLine())
	root.AddCommand(newRun(s), newAttach(s), newInit(s), newList(s), newReport(s), newCompare(s), newSweep(s), newVersion(s), newTarget(s), newGuard())
	return root
}

// interruptible is a context that ends with the first SIGINT or SIGTERM. What was
// measured is then judged and written, and everything that was started is ended,
// which takes a few seconds; a signal within a second of the first is the same one,
// a later one ends the process at once, and the targets with it. SIGPIPE, which may
// be of any socket, ends nothing: whoever writes is told by an error.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// To be ignored it would have to be so in the commands that are started as well.
	unheard := make(chan os.Signal, 1)
	signal.Notify(unheard, syscall.SIGPIPE)
	done := make(chan struct{})
	go func() {
		var first time.Time
		for {
			select {
			case s := <-signals:
				switch {
				case first.IsZero(): // a cancellation, which is no failure of what it ends
					first = time.Now()
					cancel(fmt.Errorf("interrupted (%s): %w", s, context.Canceled))
				case time.Since(first) > time.Second:
					os.Exit(int(harness.ExitInconclusive))
				}
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Stop(unheard)
		close(done)
		cancel(nil)
	}
}
