package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/embedded"
	"github.com/leaklab/leaklab/harness/backend/external"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/selftest"
	"github.com/leaklab/leaklab/reports"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// runOptions are the flags of leaklab run.
type runOptions struct {
	sets             []string
	out              string
	force            bool
	json, quiet      bool
	redisURL, sqlURL string
	onInconclusive   string
	noSelfTest       bool
	keys             map[string]*string // flags that override one key
	command          []string
}

// keyFlags are the flags that are a short form of --set KEY=VALUE.
var keyFlags = []struct{ name, key, help string }{
	{"rate", "load.rate", "requests a second to each variant, such as 100/s, or max"},
	{"connections", "load.connections", "connections held open to each variant"},
	{"warm-up", "load.warm_up", "requests before the first checkpoint"},
	{"segment", "load.segment", "requests between two checkpoints"},
	{"min-segments", "load.segments.min", "segments before a verdict, at least 4"},
	{"max-segments", "load.segments.max", "segments after which the run ends"},
	{"max-time", "load.max_time", "time after which the run ends, such as 40s"},
	{"memory-ceiling", "memory_ceiling", "footprint past which a target is no longer loaded, such as 1GiB"},
}

func newRun(s streams) *cobra.Command {
	o := runOptions{keys: map[string]*string{}}
	cmd := &cobra.Command{
		Use:   "run [SCENARIO|FILE]",
		Short: "Run a scenario and judge every variant",
		Long: `Run starts every variant of a scenario in a process of its own, sends all of
them the same requests, and stops as soon as every verdict is settled. SCENARIO is
a built-in one (see leaklab list; fraud-check when left out) or a YAML file.

While it starts, it judges a leak that is planted and a clean twin of it, to show
that its verdicts can be trusted on this machine; if they cannot, it ends with
exit code 1.

The record goes to DIR/run.json, the heap profiles to DIR/profiles, the report to
DIR/report.md; DIR is reports/out/SCENARIO/TIME unless --out names another.`,
		Example: `  leaklab run
  leaklab run fraud-check --set data.risky_users=10000 --rate 50/s
  leaklab run ./checkout.yaml --json >run.json
  leaklab run fraud-check --redis-url redis://localhost:6379/0`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarios.List(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "fraud-check"
			if len(args) == 1 {
				name = args[0]
			}
			o.command = commandLine(cmd, args)
			return run(cmd, s, name, o)
		},
	}
	flags := cmd.Flags()
	for _, f := range keyFlags {
		o.keys[f.key] = flags.String(f.name, "", f.help+" (--set "+f.key+")")
	}
	flags.StringArrayVar(&o.sets, "set", nil, "override a `KEY=VALUE` of the scenario; repeatable")
	flags.StringVarP(&o.out, "out", "o", "", "put all of the run into `DIR`")
	flags.BoolVar(&o.force, "force", false, "replace a run that DIR holds already")
	flags.BoolVar(&o.json, "json", false, "print the record instead of the table")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no progress")
	flags.StringVar(&o.redisURL, "redis-url", "", "use this Redis rather than the embedded one")
	flags.StringVar(&o.sqlURL, "database-url", "", "use this Postgres or SQLite file rather than the embedded one")
	flags.StringVar(&o.onInconclusive, "on-inconclusive", "", "exit as if an inconclusive run were a `pass|fail`")
	flags.BoolVar(&o.noSelfTest, "no-self-test", false, "do not show first that this gate tells a planted leak from its clean twin")
	return cmd
}

// run runs a scenario and prints its report.
func run(cmd *cobra.Command, s streams, name string, o runOptions) error {
	if o.onInconclusive != "" && o.onInconclusive != "pass" && o.onInconclusive != "fail" {
		return usage(fmt.Errorf("--on-inconclusive %q: want pass or fail", o.onInconclusive), "leaklab run --help")
	}
	resolved, err := o.resolve(cmd, name)
	if err != nil {
		return usage(err, "leaklab run --help; the keys of a scenario file are in docs/scenario.schema.json")
	}
	j, err := o.journal(resolved.Scenario.Name)
	if err != nil {
		return err
	}
	defer j.Close()
	progress := newProgress(s.err, o.quiet)
	record, err := lab.Run(cmd.Context(), o.plan(resolved), lab.Parts{
		Backends: o.sources(),
		Targets:  selfTargets{data: resolved.Scenario.Data, logDir: j.Dir()},
		Journal:  j,
		Progress: progress.show,
		SelfTest: o.selfTest(),
	})
	progress.close()
	return o.conclude(s, j, record, err)
}

// journal starts the journal of a run of a scenario, in the directory asked for
// or in one that no other run has.
func (o runOptions) journal(scenario string) (*journal.Journal, error) {
	dir := o.out
	if dir == "" {
		dir = filepath.Join("reports", "out", scenario, time.Now().Format("20060102-150405"))
	}
	j, err := journal.Create(dir, o.force)
	for n := 2; o.out == "" && errors.Is(err, journal.ErrExists) && n < 10; n++ {
		j, err = journal.Create(fmt.Sprintf("%s-%d", dir, n), false) // two runs in one second
	}
	if errors.Is(err, journal.ErrExists) {
		return nil, usage(err, o.verb()+" --force, or another --out")
	}
	if err != nil {
		return nil, notRun(err, o.verb()+" --out DIR, with a directory that can be written")
	}
	return j, nil
}

// verb is the command without its arguments, for hints.
func (o runOptions) verb() string { return strings.Join(o.command[:2], " ") }

// conclude prints the result and gives the exit code that follows from it. A
// record that could not be written is still printed.
func (o runOptions) conclude(s streams, j *journal.Journal, record harness.Record, err error) error {
	untrusted := errors.Is(err, selftest.ErrUntrusted)
	if err != nil && !untrusted && !measured(record) {
		return notRun(errors.Join(err, j.Discard()), "")
	}
	if report := o.print(s, j, record); report != nil {
		err = errors.Join(err, report)
	}
	if untrusted {
		return notRun(err, "try again when this machine is less busy")
	}
	if err != nil {
		return notRun(err, "leaklab report "+j.Dir())
	}
	code := record.ExitCode()
	if code == harness.ExitInconclusive && record.Complete {
		switch o.onInconclusive {
		case "pass":
			code = harness.ExitPass
		case "fail":
			code = harness.ExitLeak
		}
	}
	if code != harness.ExitPass {
		return &exitError{code: code}
	}
	return nil
}

// measured tells whether a record holds any reading.
func measured(record harness.Record) bool {
	return slices.ContainsFunc(record.Variants, func(v harness.Result) bool { return len(v.Checkpoints) > 0 })
}

// print writes the report files and shows the result.
func (o runOptions) print(s streams, j *journal.Journal, record harness.Record) error {
	err := writeReport(j, record)
	if o.json {
		return errors.Join(err, printJSON(s.out, record))
	}
	return errors.Join(err, reports.Text(s.out, record, reports.Options{Color: colored(s.out), Dir: j.Dir()}))
}

func printJSON(w io.Writer, record harness.Record) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(record)
}

// resolve reads the scenario with all overrides.
func (o runOptions) resolve(cmd *cobra.Command, name string) (scenarios.Resolved, error) {
	given := map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
	var sets []scenarios.Set
	for _, f := range keyFlags {
		if given[f.name] {
			sets = append(sets, scenarios.Set{Key: f.key, Value: *o.keys[f.key]})
		}
	}
	for _, text := range o.sets {
		set, err := scenarios.ParseSet(text)
		if err != nil {
			return scenarios.Resolved{}, err
		}
		sets = append(sets, set)
	}
	if o.redisURL != "" {
		sets = append(sets, scenarios.Set{Key: "backends.redis", Value: harness.External})
	}
	if o.sqlURL != "" {
		sets = append(sets, scenarios.Set{Key: "backends.sql", Value: harness.External})
	}
	scenario, err := scenarios.Load(name, sets)
	if err != nil {
		return scenarios.Resolved{}, err
	}
	if _, err := redis.ParseURL(o.redisURL); o.redisURL != "" && err != nil {
		return scenarios.Resolved{}, fmt.Errorf("--redis-url: %w", backend.RedactError(err, o.redisURL))
	}
	if scenario.Backends.Redis == harness.External && o.redisURL == "" {
		return scenarios.Resolved{}, errors.New("backends.redis = external, want --redis-url with it")
	}
	if scenario.Backends.SQL == harness.External && o.sqlURL == "" {
		return scenarios.Resolved{}, errors.New("backends.sql = external, want --database-url with it")
	}
	return scenarios.Resolve(scenario)
}

// selfTest is the gate's test of itself, or nil where it is not wanted.
func (o runOptions) selfTest() lab.SelfTest {
	if o.noSelfTest {
		return nil
	}
	return func(ctx context.Context, quiet <-chan struct{}) (*harness.SelfTest, []harness.Warning, error) {
		return selftest.Run(ctx, selfTargets{}, quiet)
	}
}

// sources is where the backends come from.
func (o runOptions) sources() backend.Sources {
	from := backend.Sources{Redis: embedded.Redis{}, SQL: embedded.SQL{}}
	if o.redisURL != "" {
		from.Redis = external.Redis{URL: o.redisURL}
	}
	if o.sqlURL != "" {
		from.SQL = external.SQL{URL: o.sqlURL}
	}
	return from
}

// plan is what the lab is to run.
func (o runOptions) plan(r scenarios.Resolved) lab.Plan {
	plan := lab.Plan{
		Scenario: r.Scenario,
		Needs:    r.Case.Needs,
		Fill: func(ctx context.Context, at backend.Endpoints) error {
			return r.Data.Fill(ctx, at.DatabaseURL)
		},
		Stream:  r.Data.Stream(),
		Command: o.command,
		Version: versionOf(),
	}
	for i, v := range r.Scenario.Variants {
		h := r.Handlers[i]
		plan.Variants = append(plan.Variants, lab.Variant{
			Variant: v, Complexity: h.Complexity, BestFor: h.BestFor, FalsePositives: h.FalsePositives,
		})
	}
	return plan
}

// commandLine is the command that repeats a run. Passwords in URLs are redacted.
func commandLine(cmd *cobra.Command, args []string) []string {
	line := append([]string{"leaklab", cmd.Name()}, args...)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			line = append(line, "--"+f.Name+"="+redactArgument(v))
		}
	})
	return line
}

// redactArgument redacts what may be a URL or a DSN.
func redactArgument(v string) string {
	if strings.Contains(v, "://") || strings.Contains(v, "password") {
		return backend.Redact(v)
	}
	return v
}

// writeReport puts report.md beside the record.
func writeReport(j *journal.Journal, record harness.Record) error {
	var b bytes.Buffer
	if err := reports.Markdown(&b, record, reports.Options{Dir: j.Dir()}); err != nil {
		return err
	}
	return j.Write("report.md", b.Bytes())
}

// colored tells whether output is for a terminal that wants colour.
func colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
