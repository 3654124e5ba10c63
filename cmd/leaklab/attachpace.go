package main

import (
	"context"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/load"
)

const (
	// soundings is how often a service may answer too slowly: it may open what it
	// needs, and a busy machine is slow now and then.
	soundings = 2
	// soundTime bounds each of them.
	soundTime = 5 * time.Second
)

// fit finds how many requests a second the service answers, over all connections at
// once, and cuts the load to what there is time for. took is how long it took for one
// request alone: where it would hold half of the rate one by one, which is enough,
// nothing is sent.
func (a *attachment) fit(ctx context.Context, took time.Duration) error {
	l := a.scenario.Load
	if took.Seconds()*float64(l.Rate) <= lab.SlowFactor {
		return nil
	}
	client, err := load.NewClient(a.service.String(), a.requests, load.Options{Connections: l.Connections, AllowRemote: !a.local, TLS: a.tls})
	if err != nil {
		return err
	}
	defer client.Close()
	pace := lab.Pace{Latency: took}
	for range soundings {
		pace.PerSecond = max(pace.PerSecond, a.sound(ctx, client))
		if _, cut := pace.Fit(l, len(a.requests)); !cut {
			return nil
		}
	}
	a.scenario.Load, _ = pace.Fit(l, len(a.requests))
	a.held = pace.PerSecond
	return nil
}

// sound sends a request over each connection, all at once where that is allowed, and
// is how many a second were answered; zero where hardly any was, or only a part of them well.
func (a *attachment) sound(ctx context.Context, client *load.Client) float64 {
	ctx, cancel := context.WithTimeout(ctx, soundTime)
	defer cancel()
	rate := harness.MaxRate
	if a.scenario.Replay == harness.ReplayNever {
		rate = a.scenario.Load.Rate
	}
	count := a.scenario.Load.Connections
	// The error is of a sounding that was cut short, which its counts show.
	result, _ := client.Segment(ctx, a.sent, count, rate)
	a.sent += count
	if result.Errors > 0 || result.ElapsedSeconds <= 0 {
		return 0
	}
	return float64(result.Requests) / result.ElapsedSeconds
}
