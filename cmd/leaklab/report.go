package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/judge"
	"github.com/leaklab/leaklab/reports"
	"github.com/spf13/cobra"
)

func newReport(s streams) *cobra.Command {
	var format, output string
	var json bool
	cmd := &cobra.Command{
		Use:   "report RUN|SWEEP",
		Short: "Draw the report of a run or a sweep again",
		Long: `Report draws a run again from its record alone. RUN is a run's directory, its
run.json or its journal.jsonl; of a run that was killed, it reports what was
measured. It exits 0 when it did its work, whatever the run came to.

Formats: text for a terminal; markdown for a pull request, at most 60 KiB; html, a
page in one file; junit, a case for each variant; sarif, a result for each leak;
bench, lines for benchstat; json, the record. In workflows of GitHub, lines of code
are linked.

SWEEP is a sweep's directory or its sweep.json, drawn as text, markdown, html or
json. A point's record.json is a RUN.`,
		Example: `  leaklab report reports/out/fraud-check/20261124-081503
  leaklab report out --format markdown -o comment.md
  leaklab report out --format sarif -o leaks.sarif`,
		Args: arguments(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if json {
				format = "json"
			}
			draw, err := drawing(args[0], format)
			if err != nil {
				return err
			}
			const hint = "leaklab report -o FILE, with a file that can be written"
			w, closeOutput, err := create(s.out, output)
			if err != nil {
				return notRun(err, hint)
			}
			if err := errors.Join(draw(w), closeOutput()); err != nil {
				return notRun(err, hint)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "draw it as `FORMAT`: text, markdown, html, junit, sarif, bench or json")
	cmd.Flags().BoolVar(&json, "json", false, "short for --format json")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE` rather than standard output")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(slices.Sorted(maps.Keys(formats)), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// drawing draws in a format what is recorded at a path, a run or a sweep. It is read
// before there is anything to write to.
func drawing(path, format string) (func(io.Writer) error, error) {
	if _, ok := formats[format]; !ok {
		return nil, usage(fmt.Errorf("--format %q: want %s", format, formatNames(formats)), "leaklab report --help")
	}
	if file := sweepAt(path); file != "" {
		return sweepDrawing(file, format)
	}
	record, err := journal.Read(path)
	if err != nil {
		return nil, usage(err, "leaklab report RUN, with the directory that leaklab run named")
	}
	judgeUnjudged(&record)
	return func(w io.Writer) error {
		o := reportOptions(dirOf(path), record)
		o.Color = colored(w)
		return formats[format](w, record, o)
	}, nil
}

// sweepDrawing draws the sweep of a file in a format.
func sweepDrawing(file, format string) (func(io.Writer) error, error) {
	draw, ok := sweepFormats[format]
	if !ok {
		return nil, usage(fmt.Errorf("--format %q of a sweep: want %s", format, formatNames(sweepFormats)),
			"leaklab report "+filepath.Join(filepath.Dir(file), pointsDir, "NAME", pointRecord)+" --format "+format+" draws a point")
	}
	swept, err := readSweep(file)
	if err != nil {
		return nil, usage(err, "leaklab report SWEEP, with the directory that leaklab sweep named")
	}
	return func(w io.Writer) error {
		return draw(w, swept, reports.SweepOptions{Color: colored(w), Dir: filepath.Dir(file)})
	}, nil
}

// judgeUnjudged gives the verdicts that a run which was killed could not give
// any more, from the checkpoints that it wrote down.
func judgeUnjudged(record *harness.Record) {
	for i, v := range record.Variants {
		if len(v.Verdict.Reasons) == 0 && len(v.Checkpoints) > 0 {
			record.Variants[i].Verdict = judge.Final(judge.In(*record, i))
		}
	}
	record.Conclude()
}

// create opens the output file, or gives standard output for none.
func create(out io.Writer, path string) (io.Writer, func() error, error) {
	if path == "" {
		return out, func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}

// dirOf is the run's directory of a path that may name a file in it.
func dirOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}
