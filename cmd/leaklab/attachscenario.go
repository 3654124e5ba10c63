package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/load"
)

const (
	// attachWarmUp fills what a service fills once: connections, pools, caches of
	// a few hundred keys. Real programs were flat after it, but for large caches
	// (61 programs, 2026-11).
	attachWarmUp = 600
	// attachSegments is the least number of segments before a verdict.
	attachSegments = 8
)

// templates are the requests to send.
func (o attachOptions) templates(service *url.URL) (load.Templates, error) {
	reader := load.RequestReader{Service: service}
	var list load.Templates
	for _, line := range o.requests {
		t, err := reader.Line(line)
		if err != nil {
			return nil, fmt.Errorf("--request %.80q: %w", redactRequest(line), err)
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
		return nil, errors.New("no request to send, want --request or --requests, or --load none where the traffic comes from elsewhere")
	}
	return list.Accepting(o.accept), nil
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
			Patience:    harness.Duration(o.patience),
			Accept:      o.accept,
		},
		Budget: harness.Budget{Keys: o.keys},
	}
	if o.memoryCeiling != "" {
		if s.MemoryCeiling, err = harness.ParseBytes(o.memoryCeiling); err != nil {
			return s, fmt.Errorf("--memory-ceiling: %w", err)
		}
	}
	if o.noReplay {
		s.Replay = harness.ReplayNever
	}
	if o.load == loadNone {
		o.unloaded(&s)
	}
	if requests > 0 && requests <= s.Load.Segment {
		// Each segment then has as many of each request.
		s.Load.Segment += (requests - s.Load.Segment%requests) % requests
	}
	s.Load.Segments.Max = o.mostSegments(s.Load)
	// A scenario file must name the program of each variant; this one has it.
	named := s
	named.Variants = []harness.Variant{{Name: "attached", Handler: "attached"}}
	return s, named.Validate()
}

// pacedShare is the part of the time that segments at the rate may take: what is
// not settled by then is left to a flood, and to what it takes to come to rest.
const pacedShare = 0.5

// mostSegments is how many segments fit into their part of the time; where no
// flood comes after them, more than fit into all of it.
func (o attachOptions) mostSegments(l harness.Load) int {
	const most = 10_000 // of a scenario
	switch {
	case o.load == loadNone:
		return min(most, max(l.Segments.Min, int(o.maxTime/o.segmentTime)))
	case l.Rate.IsMax() || l.Segment < 1:
		return most
	}
	share := pacedShare
	if o.noReplay {
		share = 1
	}
	return min(most, max(l.Segments.Min, int(share*float64(l.Rate)*l.MaxTime.Seconds()/float64(l.Segment))))
}
