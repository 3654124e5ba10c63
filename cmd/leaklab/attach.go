package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/spf13/cobra"
)

// attachOptions are the flags of leaklab attach.
type attachOptions struct {
	url, pprof    string
	load          string
	countFrom     string
	segmentTime   time.Duration
	requests      []string
	requestsFile  string
	accept        []int
	rate          string
	connections   int
	segment       int
	keys          int
	maxTime       time.Duration
	patience      time.Duration
	pid           int
	insecure      bool
	allowRemote   bool
	noReplay      bool
	noGC          bool
	memoryCeiling string
	run           runOptions // those of leaklab run that mean the same
	stdin         io.Reader
}

// Who loads the service: the values of --load.
const (
	loadSelf = "self"
	loadNone = "none"
)

func newAttach(s streams) *cobra.Command {
	o := attachOptions{stdin: s.in}
	cmd := &cobra.Command{
		Use:   "attach --url URL --request 'GET /PATH'",
		Short: "Judge a service that is running already",
		Long: `Attach loads a running Go service, reads its memory through net/http/pprof, and
judges it as leaklab run judges a variant. The service needs no change:

  import _ "net/http/pprof"

Requests may hold {{seq}} (0, 1, 2, … over the whole run), {{rand N}} (0 to N-1),
{{uuid}} and {{env NAME}}. --requests reads vegeta's formats: lines such as
"POST /orders", headers below and @FILE for the body; or one JSON object a line
with method, url, header and body in base64.

To find what growth is paid per, requests are sent again, and faster than asked:
--no-replay forbids both. Headers and bodies are never stored.

A service that answers less than half of --rate gets a shorter warm-up and shorter
segments, so that a verdict fits into --max-time: the report says so.

What grows is then watched without load: what the service lets go of within
--patience, such as the entries of a cache that expire, is no leak. Where they live
longer, more of it, and of --max-time, keeps them from being called one.

With --load none nothing is sent: the traffic comes from elsewhere, and growth is
told per unit of a counter of the service's own (--count-from), or else per KiB
that it allocates. New keys cannot be told from a leak then, unless --keys says how
many the service may hold: without it, growth is inconclusive.

A service that must not be stopped is read with --no-gc as its own last collection
left it. Pools and requests under way are then in every reading: what grows by less
than 128 B a request, or 1.5 MiB in all, is not told from noise.

Of a service that is not written in Go, --pid judges the footprint alone.`,
		Example: `  leaklab attach --url http://127.0.0.1:8080 --request 'GET /items/{{seq}}'
  leaklab attach --url http://127.0.0.1:8080 --pprof http://127.0.0.1:6060 --requests requests.txt
  leaklab attach --url http://127.0.0.1:8080 --load none --max-time 5m`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.run.command = commandLine(cmd, args)
			return attach(cmd, s, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.url, "url", "", "the service's `URL`; requests are relative to its path")
	flags.StringVar(&o.pprof, "pprof", "", "the `URL` below which /debug/pprof is served, if not --url")
	flags.StringVar(&o.load, "load", loadSelf, "`WHO` loads the service: self, or none where its traffic comes from elsewhere")
	flags.StringVar(&o.countFrom, "count-from", "", "with --load none: the counter of what the service is asked, in Prometheus's format: `URL#METRIC`")
	flags.DurationVar(&o.segmentTime, "segment-time", time.Second, "with --load none: the least `TIME` between two checkpoints")
	flags.StringArrayVar(&o.requests, "request", nil, "a `'METHOD PATH'` to send; repeatable, sent in turn")
	flags.StringVar(&o.requestsFile, "requests", "", "send the requests of `FILE`; - is standard input")
	flags.IntSliceVar(&o.accept, "accept", nil, "a `STATUS` of 400 or above is an answer too, such as 404 of what is not there; repeatable")
	flags.StringVar(&o.rate, "rate", "300/s", "`RATE` of requests, or max")
	flags.IntVar(&o.connections, "connections", 32, "hold `N` connections open")
	flags.IntVar(&o.segment, "segment", 100, "`N` requests, or what is counted in their place, between two checkpoints")
	flags.IntVar(&o.keys, "keys", 0, "the service may hold `N` keys: growth past twice as many is a leak where no request may be repeated")
	flags.DurationVar(&o.maxTime, "max-time", 45*time.Second, "`TIME` after which the run ends")
	flags.DurationVar(&o.patience, "patience", time.Duration(harness.DefaultLoad().Patience), "`TIME` since the first checkpoint that growth is watched: what is let go by then is no leak")
	flags.StringVar(&o.memoryCeiling, "memory-ceiling", "", "`SIZE` of the footprint past which the service is no longer loaded, such as 1GiB")
	flags.IntVar(&o.pid, "pid", 0, "the service's process is `PID`, for its footprint; found by its listener when left out")
	flags.BoolVar(&o.insecure, "insecure", false, "accept any certificate of an HTTPS service")
	flags.BoolVar(&o.allowRemote, "allow-remote", false, "allow a service that is not on this machine")
	flags.BoolVar(&o.noReplay, "no-replay", false, "send no request again, and none faster than asked")
	flags.BoolVar(&o.noGC, "no-gc", false, "never make the service collect, nor wait until it is at rest: less exact by far")
	flags.StringVarP(&o.run.out, "out", "o", "", "put all of the run into `DIR`")
	flags.BoolVar(&o.run.force, "force", false, "replace a run that DIR holds already")
	flags.BoolVar(&o.run.json, "json", false, "print the record instead of the table")
	flags.BoolVarP(&o.run.quiet, "quiet", "q", false, "print no progress")
	flags.Var(&o.run.reports, "report", "write the report in a format to a file as well, `FORMAT=FILE`; repeatable")
	flags.StringVar(&o.run.onInconclusive, "on-inconclusive", "", "exit as if an inconclusive run were a `pass|fail`")
	flags.BoolVar(&o.run.reportOnly, "report-only", false, "exit 0 whatever is found, for a service that is known to leak")
	return cmd
}

// attach judges a running service and prints the report.
func attach(cmd *cobra.Command, s streams, o attachOptions) error {
	const help = "leaklab attach --help"
	if err := checkInconclusive(o.run.onInconclusive); err != nil {
		return usage(err, help)
	}
	if err := o.checkLoad(cmd.Flags().Changed); err != nil {
		return usage(err, help)
	}
	if err := o.run.checkOut(); err != nil {
		return err
	}
	a, err := o.attachment()
	if err != nil {
		return usage(err, help)
	}
	defer a.close()
	if !a.local {
		fmt.Fprint(s.err, "leaklab: sending "+a.announcement())
	}
	if err := a.reach(cmd.Context()); err != nil {
		return err
	}
	j, err := o.run.journal(a.scenario.Name)
	if err != nil {
		return err
	}
	defer j.Close()
	progress := newProgress(s.err, o.run.quiet)
	record, err := lab.Run(cmd.Context(), a.plan(o.run.command), lab.Parts{
		Targets:  running{url: o.url, gauge: a.gauge},
		Journal:  j,
		Progress: progress.show,
		SelfTest: o.run.selfTest(),
	})
	progress.close()
	return o.run.conclude(s, j, record, err)
}

// checkLoad checks the value of --load, and that no flag was given that means
// nothing with it, or with another. given tells which were.
func (o attachOptions) checkLoad(given func(flag string) bool) error {
	if o.load != loadSelf && o.load != loadNone {
		return fmt.Errorf("--load %q: want self or none", o.load)
	}
	means := map[string][]string{
		loadSelf: {"request", "requests", "accept", "rate", "connections", "no-replay", "patience"},
		loadNone: {"count-from", "segment-time"},
	}
	for who, names := range means {
		if i := slices.IndexFunc(names, given); who != o.load && i >= 0 {
			return fmt.Errorf("--%s means nothing with --load %s", names[i], o.load)
		}
	}
	if o.noReplay && given("patience") && !given("keys") {
		return errors.New("--patience means nothing with --no-replay but past the declared --keys: growth is inconclusive, however long it is watched")
	}
	return nil
}
