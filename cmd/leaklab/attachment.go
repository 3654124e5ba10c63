package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/leaklab/leaklab/harness/target"
)

const (
	// attachWarmUp fills what a service fills once: connections, pools, caches of
	// a few hundred keys. Real programs were flat after it, but for large caches
	// (61 programs, 2026-11).
	attachWarmUp = 600
	// attachSegments is the least number of segments before a verdict.
	attachSegments = 8
	// The burst stands for the pre-warm that a probe does: three times 600
	// requests over 128 connections leave the runtime with more goroutines and
	// threads than the measurement needs, so that 9 of 11 clean services then
	// moved by less than 160 B between checkpoints (2026-11). A service that is
	// slow gets what it answers in burstTime.
	bursts           = 3
	burstRequests    = 600
	burstConnections = 128
	burstTime        = 10 * time.Second
	// firstRequests is how many requests are tried one by one, before the burst,
	// until one is answered as asked.
	firstRequests = 32
	// reachTime bounds the look at whether the service can be measured.
	reachTime = 30 * time.Second
)

// attachment is a running service and how it is to be measured.
type attachment struct {
	service     *url.URL
	scenario    harness.Scenario
	requests    harness.Stream
	gauge       *gauge.Pprof
	findProcess bool
	local       bool
	burst       *load.Client
	sent        int // requests of the stream that are used up
}

// close closes the connections of the burst, those of the gauge are the lab's.
func (a *attachment) close() { a.burst.Close() }

// reach finds out whether the service can be measured: whether its profiles can
// be read, and whether it answers its first requests.
func (a *attachment) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	if err := a.gauge.Check(ctx); err != nil {
		return notRun(err, `serve net/http/pprof (import _ "net/http/pprof") and say where: leaklab attach --pprof URL`)
	}
	if a.findProcess {
		a.gauge.FindProcess(ctx)
	}
	for i := range firstRequests {
		result, err := a.burst.Segment(ctx, i, 1, harness.MaxRate)
		if err != nil {
			return notRun(err, "leaklab attach --help")
		}
		if result.Errors == 0 {
			break
		}
		if i == firstRequests-1 {
			return notRun(fmt.Errorf("nothing was measured: %s", result.FirstError),
				"leaklab attach, with a --url and a --request that the service answers with a status below 400")
		}
	}
	a.sent = firstRequests
	if a.scenario.Replay != harness.ReplayNever {
		first := a.sent
		a.gauge.Burst = func(ctx context.Context) error { return a.sendBurst(ctx, first) }
		a.sent += bursts * burstRequests
	}
	return nil
}

// sendBurst sends as much of the burst as the service answers in time. Whether
// it answers well is for the measurement to say.
func (a *attachment) sendBurst(ctx context.Context, first int) error {
	inTime, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	for k := range bursts {
		if _, err := a.burst.Segment(inTime, first+k*burstRequests, burstRequests, harness.MaxRate); err != nil && inTime.Err() == nil {
			return err
		}
	}
	a.burst.Close()
	return ctx.Err()
}

// plan is what the lab is to run.
func (a *attachment) plan(command []string) lab.Plan {
	return lab.Plan{
		Scenario:    a.scenario,
		Variants:    []lab.Variant{{Variant: a.scenario.Variants[0], Gauge: harness.GaugePprof}},
		Stream:      load.From(a.requests, a.sent),
		AllowRemote: !a.local,
		Command:     command,
		Version:     versionOf(),
	}
}

// announcement says what will be sent.
func (a *attachment) announcement() string {
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
		harness.FormatCount(bursts*burstRequests), burstConnections)
}

// running is a service that was there before the lab and will be there after it:
// it is neither started nor stopped.
type running struct {
	url   string
	gauge *gauge.Pprof
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
