package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/gauge/counter"
	"github.com/leaklab/leaklab/harness/lab"
)

const (
	// kibAllocated is what is counted where the service has no counter, and
	// segmentKiB the least of it between two checkpoints: a few hundred requests of
	// a service that does little.
	kibAllocated = "KiB allocated"
	segmentKiB   = 1024
	// restUnderLoad bounds the wait for a rest that traffic from elsewhere may never
	// leave.
	restUnderLoad = 100 * time.Millisecond
)

// traffic is what counts the load that comes from elsewhere.
func (o attachOptions) traffic(pprof *gauge.Pprof, certificates *tls.Config) (*lab.Traffic, error) {
	if o.segmentTime < 100*time.Millisecond || o.segmentTime > o.maxTime {
		return nil, fmt.Errorf("--segment-time = %s, want 100ms to --max-time = %s", o.segmentTime, o.maxTime)
	}
	pprof.Rest = restUnderLoad
	if o.countFrom != "" {
		c, err := counter.New(o.countFrom, certificates)
		if err != nil {
			return nil, fmt.Errorf("--count-from: %w", err)
		}
		return &lab.Traffic{Unit: c.String(), Count: c.Count, Every: o.segmentTime}, nil
	}
	if o.keys != 0 {
		return nil, errors.New("--keys means nothing in KiB allocated: want --count-from with it")
	}
	return &lab.Traffic{
		Unit: kibAllocated,
		Count: func(ctx context.Context) (float64, error) {
			bytes, err := pprof.Allocated(ctx)
			return float64(bytes) / float64(harness.KiB), err
		},
		Every: o.segmentTime,
	}, nil
}

// unloaded makes the load of a scenario one that is not sent.
func (o attachOptions) unloaded(s *harness.Scenario) {
	if o.countFrom == "" {
		s.Load.Segment = max(s.Load.Segment, segmentKiB)
	}
	s.Load.Rate, s.Load.Connections, s.Load.WarmUp = harness.MaxRate, 1, s.Load.Segment
	s.Replay = harness.ReplayNever
}
