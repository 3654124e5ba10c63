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
	"github.com/spf13/cobra"
)

func newReport(s streams) *cobra.Command {
	var format, output string
	var json bool
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Draw the report of a run again",
		Long: `Report draws a run again from its record alone. RUN is a run's directory, its
run.json or its journal.jsonl; of a run that was killed, it reports what was
measured. It exits 0 when it did its work, whatever the run came to.

Formats: text for a terminal; markdown for a pull request, at most 60 KiB; html, a
page in one file; junit, a case for each variant; sarif, a result for each leak;
bench, lines for benchstat; json, the record. In workflows of GitHub, lines of code
are linked.`,
		Example: `  leaklab report reports/out/fraud-check/20261124-081503
  leaklab report out --format markdown -o comment.md
  leaklab report out --format sarif -o leaks.sarif`,
		Args: arguments(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if json {
				format = "json"
			}
			draw, ok := formats[format]
			if !ok {
				return usage(fmt.Errorf("--format %q: want %s", format, formatNames()), "leaklab report --help")
			}
			record, err := journal.Read(args[0])
			if err != nil {
				return usage(err, "leaklab report RUN, with the directory that leaklab run named")
			}
			judgeUnjudged(&record)
			w, closeOutput, err := create(s.out, output)
			if err != nil {
				return notRun(err, "leaklab report -o FILE, with a file that can be written")
			}
			o := reportOptions(dirOf(args[0]), record)
			o.Color = colored(w)
			err = draw(w, record, o)
			if err = errors.Join(err, closeOutput()); err != nil {
				return notRun(err, "leaklab report -o FILE, with a file that can be written")
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
