package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/spf13/cobra"
)

// attachOptions are the flags of leaklab attach.
type attachOptions struct {
	url, pprof    string
	requests      []string
	requestsFile  string
	rate          string
	connections   int
	segment       int
	maxTime       time.Duration
	pid           int
	allowRemote   bool
	noReplay      bool
	memoryCeiling string
	run           runOptions // those of leaklab run that mean the same
	stdin         io.Reader
}

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
--no-replay forbids both. Headers and bodies are never stored.`,
		Example: `  leaklab attach --url http://127.0.0.1:8080 --request 'GET /items/{{seq}}'
  leaklab attach --url http://127.0.0.1:8080 --pprof http://127.0.0.1:6060 --requests requests.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.run.command = commandLine(cmd, args)
			return attach(cmd, s, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.url, "url", "", "the service's `URL`: scheme, host and port")
	flags.StringVar(&o.pprof, "pprof", "", "the `URL` below which /debug/pprof is served, if not --url")
	flags.StringArrayVar(&o.requests, "request", nil, "a `'METHOD PATH'` to send; repeatable, sent in turn")
	flags.StringVar(&o.requestsFile, "requests", "", "send the requests of `FILE`; - is standard input")
	flags.StringVar(&o.rate, "rate", "300/s", "requests a second, or max")
	flags.IntVar(&o.connections, "connections", 32, "connections held open")
	flags.IntVar(&o.segment, "segment", 100, "requests between two checkpoints")
	flags.DurationVar(&o.maxTime, "max-time", 45*time.Second, "time after which the run ends")
	flags.StringVar(&o.memoryCeiling, "memory-ceiling", "", "footprint past which the service is no longer loaded, such as 1GiB")
	flags.IntVar(&o.pid, "pid", 0, "the service's process, for its footprint; found by its listener when left out")
	flags.BoolVar(&o.allowRemote, "allow-remote", false, "allow a service that is not on this machine")
	flags.BoolVar(&o.noReplay, "no-replay", false, "send no request again, and none faster than asked")
	flags.StringVarP(&o.run.out, "out", "o", "", "put all of the run into `DIR`")
	flags.BoolVar(&o.run.force, "force", false, "replace a run that DIR holds already")
	flags.BoolVar(&o.run.json, "json", false, "print the record instead of the table")
	flags.BoolVarP(&o.run.quiet, "quiet", "q", false, "print no progress")
	flags.StringVar(&o.run.onInconclusive, "on-inconclusive", "", "exit as if an inconclusive run were a `pass|fail`")
	return cmd
}

// attach judges a running service and prints the report.
func attach(cmd *cobra.Command, s streams, o attachOptions) error {
	if v := o.run.onInconclusive; v != "" && v != "pass" && v != "fail" {
		return usage(fmt.Errorf("--on-inconclusive %q: want pass or fail", v), "leaklab attach --help")
	}
	a, err := o.attachment()
	if err != nil {
		return usage(err, "leaklab attach --help")
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

// attachment reads and checks all flags, without a word to the service.
func (o attachOptions) attachment() (*attachment, error) {
	if o.url == "" {
		return nil, errors.New("--url is missing: where is the service?")
	}
	service, err := url.Parse(o.url)
	if err != nil {
		return nil, fmt.Errorf("--url: %w", err)
	}
	if service.Scheme != "http" && service.Scheme != "https" || service.Host == "" {
		return nil, fmt.Errorf("--url %q: want scheme, host and port, such as http://127.0.0.1:8080", service.Redacted())
	}
	a := &attachment{service: service, findProcess: o.pid == 0}
	templates, err := o.templates(service)
	if err != nil {
		return nil, err
	}
	a.requests = templates
	if a.scenario, err = o.scenario(len(templates)); err != nil {
		return nil, err
	}
	profiles := o.pprof
	if profiles == "" {
		profiles = o.url
	}
	if a.gauge, err = gauge.NewPprof(profiles, o.pid); err != nil {
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	a.local = load.IsLocal(o.url) && load.IsLocal(profiles)
	if !a.local && !o.allowRemote {
		return nil, fmt.Errorf("%s, or %s for its profiles, is not on this machine: want --allow-remote to send\n%s",
			service.Redacted(), profiles, a.announcement())
	}
	a.burst, err = load.NewClient(o.url, a.requests, load.Options{Connections: burstConnections, AllowRemote: o.allowRemote})
	return a, err
}

// templates are the requests to send.
func (o attachOptions) templates(service *url.URL) (load.Templates, error) {
	reader := load.RequestReader{Service: service}
	var list load.Templates
	for _, line := range o.requests {
		t, err := reader.Line(line)
		if err != nil {
			return nil, fmt.Errorf("--request %.80q: %w", line, err)
		}
		list = append(list, t)
	}
	if o.requestsFile != "" {
		file := io.NopCloser(o.stdin)
		if o.requestsFile != "-" {
			f, err := os.Open(o.requestsFile)
			if err != nil {
				return nil, fmt.Errorf("--requests: %w", err)
			}
			file = f
		}
		defer file.Close()
		more, err := reader.File(o.requestsFile, file)
		if err != nil {
			return nil, fmt.Errorf("--requests: %w", err)
		}
		list = append(list, more...)
	}
	if len(list) == 0 {
		return nil, errors.New("no request to send, want --request or --requests")
	}
	return list, nil
}

// scenario is the flags as a scenario.
func (o attachOptions) scenario(requests int) (harness.Scenario, error) {
	rate, err := harness.ParseRate(o.rate)
	if err != nil {
		return harness.Scenario{}, fmt.Errorf("--rate: %w", err)
	}
	s := harness.Scenario{
		Name:     "attach",
		Variants: []harness.Variant{{Name: "attached"}},
		Load: harness.Load{
			Rate:        rate,
			Connections: o.connections,
			WarmUp:      max(attachWarmUp, o.connections),
			Segment:     o.segment,
			Segments:    harness.Segments{Min: attachSegments},
			MaxTime:     harness.Duration(o.maxTime),
			Timeout:     harness.DefaultLoad().Timeout,
		},
	}
	if o.memoryCeiling != "" {
		if s.MemoryCeiling, err = harness.ParseBytes(o.memoryCeiling); err != nil {
			return s, fmt.Errorf("--memory-ceiling: %w", err)
		}
	}
	if o.noReplay {
		s.Replay = harness.ReplayNever
	}
	if requests <= s.Load.Segment {
		// Each segment then has as many of each request.
		s.Load.Segment += (requests - s.Load.Segment%requests) % requests
	}
	s.Load.Segments.Max = mostSegments(s.Load)
	// A scenario file must name the program of each variant; this one has it.
	named := s
	named.Variants = []harness.Variant{{Name: "attached", Handler: "attached"}}
	return s, named.Validate()
}

// mostSegments is more segments than the time allows.
func mostSegments(l harness.Load) int {
	const most = 10_000 // of a scenario
	if l.Rate.IsMax() || l.Segment < 1 {
		return most
	}
	return min(most, max(l.Segments.Min, int(float64(l.Rate)*l.MaxTime.Seconds()/float64(l.Segment))))
}
