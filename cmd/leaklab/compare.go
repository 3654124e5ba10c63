package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/compare"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/reports"
	"github.com/spf13/cobra"
)

// compareOptions are the flags of leaklab compare.
type compareOptions struct {
	format, output string
	json           bool
	failOn         string
	onInconclusive string
	pairs          []string
	force          bool
	reportOnly     bool
	accept         acceptOptions
}

// comparisons draw a comparison.
var comparisons = map[string]func(io.Writer, compare.Comparison, reports.Options) error{
	"text":     reports.CompareText,
	"markdown": reports.CompareMarkdown,
	"json": func(w io.Writer, c compare.Comparison, _ reports.Options) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		return encoder.Encode(c)
	},
}

func newCompare(s streams) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare BASE HEAD | compare RUN",
		Short: "Compare a run with a base, and fail on what is worse",
		Long: `Compare sets two runs side by side: leaks that are new, fixed or still there,
known by their fingerprints, and for each variant what changed in its growth, its
allocations, its CPU time and its latency. BASE and HEAD are runs' directories, or
files run.json or journal.jsonl in them. Of a single RUN, made with leaklab run
--base, each variant is compared with its own base; --map names other pairs.

It exits 3 on what is worse than the base beyond its interval: a new leak, a
budget that is passed now, or more growth or allocations a request. CPU time and
latency are told and decide nothing: they are the machine's as much as the code's.

Runs of another scenario, data, rate or number of connections, interrupted ones
and such as were read in another way are not comparable: exit 2, unless --force.

With --accept it writes the leaks of a run down as suppressions instead, for a
scenario that starts with leaks: from then on only what is new fails.`,
		Example: `  leaklab compare out/main out/branch
  leaklab compare out/main out/branch --format markdown -o comment.md
  leaklab compare out/both --map branch=main
  leaklab compare --accept out/main --into checkout.yaml`,
		Args: arguments(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.accept.wanted {
				return o.accept.run(s, args)
			}
			return o.run(s, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "text", "draw it as `FORMAT`: text, markdown or json")
	flags.BoolVar(&o.json, "json", false, "short for --format json")
	flags.StringVarP(&o.output, "output", "o", "", "write to `FILE` rather than standard output")
	flags.StringVar(&o.failOn, "fail-on", string(compare.FailOnWorse), "`WHAT` exits 3: new, worse, which has new in it, or any, which has what the base has as well")
	flags.StringVar(&o.onInconclusive, "on-inconclusive", "", "exit as if what is undecided were a `pass|fail`")
	flags.StringArrayVar(&o.pairs, "map", nil, "compare variants of different names: `HEAD=BASE`; repeatable")
	flags.BoolVar(&o.force, "force", false, "compare runs that are not comparable")
	flags.BoolVar(&o.reportOnly, "report-only", false, "exit 0 whatever is found")
	o.accept.flags(flags)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "markdown", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"new", "worse", "any"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// run compares two runs, prints what changed and gives the exit code.
func (o compareOptions) run(s streams, args []string) error {
	if o.json {
		o.format = "json"
	}
	draw, ok := comparisons[o.format]
	if !ok {
		return usage(fmt.Errorf("--format %q: want text, markdown or json", o.format), "leaklab compare --help")
	}
	comparison, err := o.compare(args)
	if err != nil {
		return err
	}
	w, closeOutput, err := create(s.out, o.output)
	if err != nil {
		return notRun(err, "leaklab compare -o FILE, with a file that can be written")
	}
	options := reportOptions("", harness.Record{Environment: comparison.Head.Environment})
	options.Color = colored(w)
	err = draw(w, comparison, options)
	if err = errors.Join(err, closeOutput()); err != nil {
		return notRun(err, "leaklab compare -o FILE, with a file that can be written")
	}
	code := comparison.ExitCode(compare.FailOn(o.failOn))
	if code == harness.ExitInconclusive {
		code = instead(code, o.onInconclusive)
	}
	return exitWith(s.err, code, o.reportOnly)
}

// compare reads the runs and sets them side by side.
func (o compareOptions) compare(args []string) (c compare.Comparison, err error) {
	const help = "leaklab compare --help"
	switch compare.FailOn(o.failOn) {
	case compare.FailOnNew, compare.FailOnWorse, compare.FailOnAny:
	default:
		return c, usage(fmt.Errorf("--fail-on %q: want new, worse or any", o.failOn), help)
	}
	if err := checkInconclusive(o.onInconclusive); err != nil {
		return c, usage(err, help)
	}
	names := map[string]string{}
	for _, pair := range o.pairs {
		head, base, ok := strings.Cut(pair, "=")
		if !ok || head == "" || base == "" {
			return c, usage(fmt.Errorf("--map %q: want HEAD=BASE, the names of two variants", pair), help)
		}
		names[head] = base
	}
	base, head, options, err := readPair(args, names)
	if err != nil {
		return c, usage(err, "leaklab compare BASE HEAD, with the directories that leaklab run named")
	}
	options.Force = o.force
	c, err = compare.Compare(base, head, options)
	if incomparable, ok := errors.AsType[*compare.IncomparableError](err); ok {
		return c, usage(incomparable, "run both the same way, or leaklab compare --force")
	}
	if err != nil {
		return c, usage(fmt.Errorf("--map: %w", err), help)
	}
	return c, nil
}

// readPair reads the two runs, or the one that has its own base in it.
func readPair(args []string, names map[string]string) (base, head harness.Record, o compare.Options, err error) {
	if base, err = readRun(args[0]); err != nil {
		return base, head, o, err
	}
	if len(args) == 1 {
		if base, head, o, err = compare.Split(base, names); err != nil {
			err = fmt.Errorf("%s: %w", args[0], err)
		}
		return base, head, o, err
	}
	head, err = readRun(args[1])
	return base, head, compare.Options{Map: names}, err
}

// readRun reads a run's record; what a killed one could not judge is judged.
func readRun(path string) (harness.Record, error) {
	record, err := journal.Read(path)
	if err != nil {
		return record, err
	}
	judgeUnjudged(&record)
	return record, nil
}
