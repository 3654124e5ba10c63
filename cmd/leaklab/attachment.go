package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/leaklab/leaklab/harness/target"
)

// attachment is a running service and how it is to be measured.
type attachment struct {
	service  *url.URL
	scenario harness.Scenario
	tls      *tls.Config
	local    bool
	pid      int // of the service; 0 where it is to be found
	// pprof reads the service, or, once reach has found that it cannot, gauge does
	// so alone. pprofAsked tells that the user said where profiles are.
	pprof      *gauge.Pprof
	pprofAsked bool
	gauge      lab.Gauge
	kind       harness.GaugeKind
	noGC       bool
	pageTime   time.Duration // that a page of the profiles takes
	held       float64       // requests a second of a service that the load was cut for; else 0
	// requests are sent by client until one is answered, sent is how many are used
	// up; nil with traffic from elsewhere.
	requests load.Templates
	client   *load.Client
	sent     int
	traffic  *lab.Traffic
}

// attachment reads and checks all flags, without a word to the service.
func (o attachOptions) attachment() (*attachment, error) {
	service, err := o.service()
	if err != nil {
		return nil, err
	}
	a := &attachment{service: service, pid: o.pid, pprofAsked: o.pprof != "", kind: harness.GaugePprof, noGC: o.noGC}
	if o.insecure {
		a.tls = &tls.Config{InsecureSkipVerify: true}
	}
	profiles := o.pprof
	if profiles == "" {
		profiles = o.url
	}
	if a.pprof, err = gauge.NewPprof(profiles, o.pid, a.tls); err != nil {
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	a.gauge = a.pprof
	var templates load.Templates
	if o.load == loadNone {
		a.traffic, err = o.traffic(a.pprof, a.tls)
	} else {
		templates, err = o.templates(service)
	}
	if err != nil {
		return nil, err
	}
	if a.scenario, err = o.scenario(len(templates)); err != nil {
		return nil, err
	}
	a.local = load.IsLocal(o.url) && load.IsLocal(profiles) && (o.countFrom == "" || load.IsLocal(o.countFrom))
	if !a.local && !o.allowRemote {
		return nil, fmt.Errorf("%s, or what is read of it at another address, is not on this machine: want --allow-remote to send\n%s",
			service.Redacted(), a.announcement())
	}
	a.requests = templates
	a.client, err = load.NewClient(o.url, a.requests, load.Options{Connections: 1, AllowRemote: o.allowRemote, TLS: a.tls})
	return a, err
}

// service is where the service is.
func (o attachOptions) service() (*url.URL, error) {
	if o.url == "" {
		return nil, errors.New("--url is missing: where is the service?")
	}
	service, err := url.Parse(o.url)
	if err != nil || service.Scheme != "http" && service.Scheme != "https" || service.Host == "" {
		return nil, fmt.Errorf("--url %q: want scheme, host and port, such as http://127.0.0.1:8080", unparsed(o.url))
	}
	return service, nil
}

// unparsed is the text of what is no URL of a service, hidden where a part of it may be a
// secret: nothing tells where that ends.
func unparsed(text string) string {
	if strings.ContainsAny(text, "@?") {
		return hidden
	}
	return text
}

// close closes the connection of the first requests, those of the gauge are the
// lab's.
func (a *attachment) close() { a.client.Close() }

// plan is what the lab is to run.
func (a *attachment) plan(command []string) lab.Plan {
	plan := lab.Plan{
		Scenario:    a.scenario,
		Variants:    []lab.Variant{{Variant: a.scenario.Variants[0], Gauge: a.kind}},
		Traffic:     a.traffic,
		Pace:        a.held,
		AllowRemote: !a.local,
		TLS:         a.tls,
		Command:     command,
		Version:     versionOf(),
		Deadlines:   lab.Deadlines{Checkpoint: max(checkpointTime, 2*pagesPerCheckpoint*a.pageTime)},
	}
	if a.traffic == nil {
		plan.Stream = load.From(a.requests, a.sent)
	}
	return plan
}

// announcement says what will be sent.
func (a *attachment) announcement() string {
	if a.traffic != nil {
		return fmt.Sprintf("to %s: nothing but questions for its profiles, for %s\n", a.service.Redacted(), a.scenario.Load.MaxTime)
	}
	l := a.scenario.Load
	text := fmt.Sprintf("to %s, over %d connections for %s: new requests at %s", a.service.Redacted(), l.Connections, l.MaxTime, l.Rate)
	if most := float64(l.Rate) * l.MaxTime.Seconds(); !l.Rate.IsMax() {
		text += fmt.Sprintf(" (at most %s)", harness.FormatCount(most))
	}
	if a.scenario.Replay == harness.ReplayNever {
		return text + ", none of them twice\n"
	}
	return text + fmt.Sprintf("; before it %s of them at once over %d connections; where that tells more,\n"+
		"some of them again, and new ones as fast as they are answered (--no-replay leaves all that out)\n",
		harness.FormatCount(lab.BurstRequests), lab.BurstConnections)
}

// running is a service that was there before the lab and will be there after it:
// it is neither started nor stopped.
type running struct {
	url   string
	gauge lab.Gauge
}

// Start is the service as it is.
func (r running) Start(context.Context, harness.Variant, backend.Endpoints) (lab.Target, error) {
	return r, nil
}

func (r running) URL() string      { return r.url }
func (r running) Gauge() lab.Gauge { return r.gauge }

// Done never ends: a service that is gone shows in its next reading.
func (r running) Done() <-chan struct{} { return nil }

// Exit is never known, for the same reason.
func (r running) Exit() target.Exit { return target.Exit{} }

// Stop leaves the service alone.
func (r running) Stop(time.Duration) error { return nil }
