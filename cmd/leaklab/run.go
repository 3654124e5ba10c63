package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/selftest"
	"github.com/leaklab/leaklab/reports"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// defaultScenario is what is run where nothing else is there to run.
const defaultScenario = "fraud-check"

// scenarioHere is the scenario of the current directory, or else the default one.
func scenarioHere() string {
	if file := scenarioIn("."); exists(file) {
		return file
	}
	return defaultScenario
}

// scenarioAt is what an argument names: of a directory that is no built-in scenario
// the file in it.
func scenarioAt(argument string) string {
	if info, err := os.Stat(argument); err != nil || !info.IsDir() || slices.Contains(scenarios.List(), argument) {
		return argument
	}
	return scenarioIn(argument)
}

// scenarioIn is the scenario file of a directory, whether it is there or not.
func scenarioIn(dir string) string {
	file := filepath.Join(dir, "leaklab.yaml")
	if short := filepath.Join(dir, "leaklab.yml"); !exists(file) && exists(short) {
		return short
	}
	return file
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// runOptions are the flags of leaklab run.
type runOptions struct {
	sets           []string
	out            string
	force          bool
	json, quiet    bool
	backends       backendOptions
	onInconclusive string
	reportOnly     bool
	noSelfTest     bool
	reports        reportFiles
	base           string
	keys           map[string]*string // flags that override one key
	command        []string
}

// keyFlags are the flags that are a short form of --set KEY=VALUE.
var keyFlags = []struct{ name, key, help string }{
	{"rate", "load.rate", "`RATE` of requests to each variant, such as 100/s, or max"},
	{"connections", "load.connections", "hold `N` connections open to each variant"},
	{"warm-up", "load.warm_up", "`N` requests before the first checkpoint"},
	{"segment", "load.segment", "`N` requests between two checkpoints"},
	{"min-segments", "load.segments.min", "`N` segments before a verdict, at least 4"},
	{"max-segments", "load.segments.max", "`N` segments after which the run ends"},
	{"max-time", "load.max_time", "`TIME` after which the run ends, such as 40s"},
	{"memory-ceiling", "memory_ceiling", "`SIZE` of the footprint past which a target is no longer loaded, such as 1GiB"},
}

// noSelfTestHelp explains --no-self-test.
const noSelfTestHelp = "do not judge a planted leak and its clean twin first"

func newRun(s streams) *cobra.Command {
	o := runOptions{keys: map[string]*string{}}
	cmd := &cobra.Command{
		Use:   "run [SCENARIO|FILE]",
		Short: "Run a scenario and judge every variant",
		Long: `Run starts every variant of a scenario in a process of its own, sends all of
them the same requests, and stops as soon as every verdict is settled. SCENARIO is
a built-in one (see leaklab list), FILE a YAML file, or a directory with a
leaklab.yaml in it. When left out, it is that of the current directory, or else
fraud-check.

A variant of your own is a command, here two builds of a service side by side:

  name: checkout
  load: {rate: 300/s, connections: 32, warm_up: 600, segment: 100}
  variants:
    - name: main
      command: [./checkout-main, --port, "{{app_port}}"]
      env: {PPROF_ADDR: "127.0.0.1:{{pprof_port}}"}
      pprof: "http://127.0.0.1:{{pprof_port}}"   # where /debug/pprof is served
      ready: {http: /healthz}                    # or {log: "listening on"}
      before: [[./login.sh, "{{app_port}}"]]     # prints TOKEN=…
    - {name: branch, command: [./checkout, --port, "{{app_port}}"]}
  requests:
    - {url: "/items/{{seq}}", header: {Authorization: "Bearer {{env TOKEN}}"}}
    - {method: POST, url: /cart, body: '{"item": {{rand 1000}}}'}

In place of a command, "build: {package: ./cmd/checkout, args: [...]}" builds the
program first, and "revision: main" in it that git revision, in a work tree of its
own. --base main puts main beside each variant that is built of the sources as they
are: one file and one command compare it with this branch.

Values of env, of headers and bodies are never stored.

While it starts, it judges a leak that is planted and a clean twin of it, to show
that its verdicts can be trusted on this machine; if they cannot, it ends with
exit code 1.

The record goes to DIR/run.json, the heap profiles to DIR/profiles, the report to
DIR/report.html and DIR/report.md; DIR is reports/out/SCENARIO/TIME unless --out
names another. --report writes it in other formats as well (see leaklab report).`,
		Example: `  leaklab run
  leaklab run fraud-check --set data.risky_users=10000 --rate 50/s
  leaklab run ./checkout.yaml --json >run.json
  leaklab run ./checkout.yaml --report junit=leaklab.xml --report sarif=leaks.sarif
  leaklab run --base main
  leaklab run fraud-check --redis-url redis://localhost:6379/0`,
		Args: arguments(0, 1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarios.List(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := defaultScenario
			if len(args) == 1 {
				name = scenarioAt(args[0])
			} else if name = scenarioHere(); name == defaultScenario && !o.quiet {
				fmt.Fprintf(s.err, "leaklab: no leaklab.yaml here: running the built-in scenario %s\n", name)
			}
			o.command = commandLine(cmd, args)
			return run(cmd, s, name, o)
		},
	}
	flags := cmd.Flags()
	for _, f := range keyFlags {
		o.keys[f.key] = flags.String(f.name, "", f.help+" (--set "+f.key+")")
	}
	flags.StringVar(&o.base, "base", "", "put beside each variant that is built its twin of the git `REVISION`")
	flags.StringArrayVar(&o.sets, "set", nil, "override a `KEY=VALUE` of the scenario; repeatable")
	flags.StringVarP(&o.out, "out", "o", "", "put all of the run into `DIR`")
	flags.BoolVar(&o.force, "force", false, "replace a run that DIR holds already")
	flags.BoolVar(&o.json, "json", false, "print the record instead of the table")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no progress")
	o.backends.register(flags)
	flags.StringVar(&o.onInconclusive, "on-inconclusive", "", "exit as if an inconclusive run were a `pass|fail`")
	flags.BoolVar(&o.reportOnly, "report-only", false, "exit 0 whatever is found, for a scenario that starts with leaks")
	flags.Var(&o.reports, "report", "write the report in a format to a file as well, `FORMAT=FILE`; repeatable")
	flags.BoolVar(&o.noSelfTest, "no-self-test", false, noSelfTestHelp)
	_ = cmd.RegisterFlagCompletionFunc("backend", cobra.FixedCompletions([]string{harness.Embedded, harness.External, harness.Containers}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("on-inconclusive", cobra.FixedCompletions([]string{"pass", "fail"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// run runs a scenario and prints its report.
func run(cmd *cobra.Command, s streams, name string, o runOptions) error {
	if err := checkInconclusive(o.onInconclusive); err != nil {
		return usage(err, "leaklab run --help")
	}
	resolved, err := o.resolve(cmd, name)
	if err != nil {
		return usage(err, scenarioHint("leaklab run", err))
	}
	sent := &requests{scenario: resolved.Scenario, dir: filepath.Dir(name)}
	if err := sent.check(); err != nil {
		return usage(err, "leaklab run --help")
	}
	if err := o.checkOut(); err != nil {
		return err
	}
	built, remove, err := buildPrograms(cmd.Context(), sent.dir, resolved.Scenario.Variants, o.sayBuilding(s.err))
	defer remove()
	if err != nil {
		return notBuilt(err)
	}
	j, err := o.journal(resolved.Scenario.Name)
	if err != nil {
		return err
	}
	defer j.Close()
	progress := newProgress(s.err, o.quiet)
	parts := o.parts(resolved.Scenario, sent, j, s.err)
	parts.Progress = progress.show
	record, err := lab.Run(cmd.Context(), o.plan(resolved, built, sent.stream(resolved)), parts)
	progress.close()
	return o.conclude(s, j, record, err)
}

// parts is what a run of a scenario is made of.
func (o runOptions) parts(scenario harness.Scenario, sent *requests, j *journal.Journal, warn io.Writer) lab.Parts {
	return lab.Parts{
		Backends: o.backends.sources(scenario.Backends),
		Targets: &programs{
			builtIn:  selfTargets{data: scenario.Data, logDir: j.Dir(), limit: scenario.MemoryLimit},
			dir:      sent.dir,
			logDir:   j.Dir(),
			requests: sent,
			warn:     warn,
		},
		Journal:  j,
		SelfTest: o.selfTest(),
	}
}

// conclude prints the result and gives the exit code that follows from it. A
// record that could not be written is still printed.
func (o runOptions) conclude(s streams, j *journal.Journal, record harness.Record, err error) error {
	untrusted := errors.Is(err, selftest.ErrUntrusted)
	if err != nil && !untrusted && !measured(record) {
		return notRun(errors.Join(err, j.Discard()), o.startHint(err, j.Dir()))
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
		code = instead(code, o.onInconclusive)
	}
	if code == harness.ExitNotRun || code == harness.ExitInconclusive && !o.reportOnly {
		return &exitError{code: code, hint: o.resultHint(record)}
	}
	return exitWith(s.err, code, o.reportOnly)
}

// measured tells whether a record holds any reading.
func measured(record harness.Record) bool {
	return slices.ContainsFunc(record.Variants, func(v harness.Result) bool { return len(v.Checkpoints) > 0 })
}

// print writes the report files and shows the result.
func (o runOptions) print(s streams, j *journal.Journal, record harness.Record) error {
	err := o.reports.write(j, record)
	if o.json {
		return errors.Join(err, reports.JSON(s.out, record, reports.Options{}))
	}
	return errors.Join(err, reports.Text(s.out, record, reports.Options{Color: colored(s.out), Dir: j.Dir()}))
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
	scenario, err := scenarios.Load(name, append(sets, o.backends.sets()...))
	if err != nil {
		return scenarios.Resolved{}, err
	}
	if err := o.backends.check(scenario.Backends); err != nil {
		return scenarios.Resolved{}, err
	}
	if o.base != "" {
		if scenario, err = withBase(scenario, o.base); err != nil {
			return scenarios.Resolved{}, err
		}
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

// plan is what the lab is to run: the variants as they are built.
func (o runOptions) plan(r scenarios.Resolved, variants []harness.Variant, stream harness.Stream) lab.Plan {
	plan := lab.Plan{
		Scenario:  recorded(r.Scenario),
		Needs:     r.Needs(),
		Stream:    stream,
		Command:   o.command,
		Version:   versionOf(),
		Deadlines: lab.Deadlines{Start: startTime(variants)},
	}
	if r.Data != nil {
		plan.Fill = func(ctx context.Context, at backend.Endpoints) error { return r.Data.Fill(ctx, at.DatabaseURL) }
	}
	for i, v := range variants {
		h := r.Handlers[i]
		variant := lab.Variant{Variant: v, Complexity: h.Complexity, BestFor: h.BestFor, FalsePositives: h.FalsePositives}
		if !v.BuiltIn() {
			variant.Gauge = v.Gauge()
		}
		plan.Variants = append(plan.Variants, variant)
	}
	return plan
}

// colored tells whether output is for a terminal that wants colour.
func colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
