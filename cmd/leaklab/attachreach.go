package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
)

const (
	// firstRequests is how many requests are tried one by one, before all others,
	// until one is answered as asked.
	firstRequests = 32
	// reachTime bounds the look at whether the service can be measured.
	reachTime = 30 * time.Second
	// pagesPerCheckpoint is how many pages of the profiles a checkpoint asks for at
	// least, checkpointsPerVerdict how many of them an acquittal takes, and
	// checkpointTime what one may take where pages come fast.
	pagesPerCheckpoint    = 8
	checkpointsPerVerdict = 26
	checkpointTime        = 20 * time.Second
	// paceTries is how often pages may come too slowly.
	paceTries = 3
)

// reach finds out whether the service can be measured: how it is read, and
// whether it answers its first requests.
func (a *attachment) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	if err := a.read(ctx); err != nil {
		return err
	}
	if a.traffic != nil {
		if _, err := a.traffic.Count(ctx); err != nil {
			return notRun(err, hintOf(err, "--count-from URL#METRIC, with a counter of the service's own"))
		}
		return nil
	}
	for i := range firstRequests {
		result, err := a.client.Segment(ctx, i, 1, harness.MaxRate)
		switch {
		case err != nil:
			return notRun(fmt.Errorf("nothing was measured: no answer in %s: %w", reachTime, err), "look at whether the service still accepts connections")
		case result.Errors == 0:
			a.sent = i + 1
			return a.fit(ctx, time.Duration(result.ElapsedSeconds*float64(time.Second)))
		case i == firstRequests-1:
			return notRun(fmt.Errorf("nothing was measured: %s", result.FirstError), hintOf(result.Unanswered,
				"leaklab attach, with a --url and a --request that the service answers with a status below 400"+acceptHint("--accept %d", result.Statuses)))
		}
	}
	return nil
}

// read finds how the service can be read: by its profiles, or, where it has none
// and the user named its process, by its footprint alone.
func (a *attachment) read(ctx context.Context) error {
	err := a.pprof.Check(ctx)
	if err == nil {
		if a.noGC {
			a.gauge, a.kind = gauge.Continuous{Running: a.pprof}, harness.GaugeContinuous
		}
		return a.pace(ctx)
	}
	if a.pid == 0 || a.pprofAsked || a.traffic != nil || errors.Is(err, gauge.ErrGone) {
		return notRun(err, hintOf(err, `serve net/http/pprof (import _ "net/http/pprof") and say where: --pprof URL; `+
			"of a service that is not written in Go, --pid PID judges the footprint alone"))
	}
	process, noProcess := gauge.NewProcess(a.pid)
	if noProcess != nil {
		return notRun(errors.Join(err, noProcess), "--pid, with the process of the service")
	}
	a.gauge, a.kind = process, harness.GaugeFootprint
	return nil
}

// pace finds how fast the profiles come, and whether a verdict is possible in the
// time that the run has.
func (a *attachment) pace(ctx context.Context) error {
	if a.pid == 0 {
		a.pprof.FindProcess(ctx)
	}
	most := time.Duration(a.scenario.Load.MaxTime)
	var needed time.Duration
	for range paceTries { // a busy machine is slow now and then
		began := time.Now()
		if err := a.pprof.Check(ctx); err != nil {
			return notRun(err, "")
		}
		a.pageTime = time.Since(began) / 2 // pages
		if needed = pagesPerCheckpoint * checkpointsPerVerdict * a.pageTime; needed <= most {
			return nil
		}
	}
	longer := (2*needed + time.Minute).Truncate(time.Minute)
	return notRun(fmt.Errorf("a page of its profiles takes %s: the checkpoints of a verdict take %s, and --max-time allows %s",
		a.pageTime.Round(time.Millisecond), needed.Round(time.Second), most), fmt.Sprintf("leaklab attach --max-time %.0fm", longer.Minutes()))
}
