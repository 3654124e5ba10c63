package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
	"golang.org/x/sync/errgroup"
)

// resampled is the name of the table of resampled runs.
const resampled = "resampled"

// added is what one counted segment of a real run added to the readings, its
// noise and its drift.
type added struct {
	Seconds       float64 `json:"s"`
	LiveHeapBytes int64   `json:"b"`
	LiveObjects   int64   `json:"o"`
	Goroutines    int64   `json:"g"`
	OffHeapBytes  int64   `json:"f"`
}

// addedBy is what each fresh segment added.
func addedBy(checkpoints []harness.Checkpoint) []added {
	var all []added
	for i := 1; i < len(checkpoints); i++ {
		from, to := checkpoints[i-1], checkpoints[i]
		if to.Round != harness.Fresh {
			continue
		}
		a := added{
			Seconds:       to.AtSeconds - from.AtSeconds,
			LiveHeapBytes: to.LiveHeapBytes - from.LiveHeapBytes,
			LiveObjects:   to.LiveObjects - from.LiveObjects,
			Goroutines:    to.Goroutines - from.Goroutines,
		}
		if from.OffHeapBytes != nil && to.OffHeapBytes != nil {
			a.OffHeapBytes = *to.OffHeapBytes - *from.OffHeapBytes
		}
		all = append(all, a)
	}
	return all
}

// resample makes runs out of the segments of real ones: each segment of such a run
// is drawn, with replacement, from all that were measured of the same service
// (Efron, 1979, the bootstrap). It counts how many of them the judge accuses. A
// segment has no memory of the one before, so this says what noise and drift do,
// and nothing of services that grow to a bound: only those that stand still from
// the start are drawn from.
func resample(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("resample", flag.ContinueOnError)
	flags.SetOutput(stderr)
	runs := flags.Int("runs", 10_000, "resampled runs of each service")
	document := flags.String("o", "", "put the table between the markers of `DOCUMENT`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	lines, err := readFiles(flags.Args())
	if err != nil {
		return err
	}
	text, err := resampledTable(lines, *runs)
	if err != nil {
		return err
	}
	return publish(map[string]string{resampled: text}, *document, stdout)
}

// resampledTable tells what the judge says of so many resampled runs of each
// service that stands still.
func resampledTable(lines []line, runs int) (string, error) {
	var b strings.Builder
	b.WriteString("\n| service | real segments | resampled runs | said to leak at any time | failed | inconclusive |\n|---|---|---|---|---|---|\n")
	var sum counts
	total := 0
	for _, s := range stillShapes() {
		pool := segmentsOf(lines, s)
		if len(pool) == 0 {
			continue
		}
		c := drawn(pool, runs)
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", s.name, len(pool), runs, c.said, c.failed, c.open)
		sum.add(c)
		total += runs
	}
	if total == 0 {
		return "", fmt.Errorf("no segments to draw from: want lines of `measure aa` of services that stand still")
	}
	fmt.Fprintf(&b, "\nResampled: said at any time %d of %d, 95 %% upper bound %.2g %%; failed in the end %d, bound %.2g %%.\n\n",
		sum.said, total, 100*upperBound(sum.said, total), sum.failed, 100*upperBound(sum.failed, total))
	return b.String(), nil
}

// segmentsOf is all segments that were measured of a service under the conditions
// of the first line of it.
func segmentsOf(lines []line, s service) []added {
	var pool []added
	of := ofService(lines, s)
	for _, l := range of {
		if l.Conditions == of[0].Conditions {
			pool = append(pool, l.Added...)
		}
	}
	return pool
}

// counts is what the judge said of runs.
type counts struct{ said, failed, open int }

func (c *counts) add(other counts) {
	c.said, c.failed, c.open = c.said+other.said, c.failed+other.failed, c.open+other.open
}

// drawn judges so many resampled runs, the same whenever it is asked.
func drawn(pool []added, runs int) counts {
	each := make([]counts, runs)
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range each {
		g.Go(func() error {
			each[i] = walk(pool, rand.New(rand.NewPCG(uint64(i), 1)))
			return nil
		})
	}
	_ = g.Wait() // none of them fails
	var sum counts
	for _, c := range each {
		sum.add(c)
	}
	return sum
}

// walk does what the judge asks for until its verdict is settled or the segments
// are used up: a round at a time, as the lab does, each of them drawn.
func walk(pool []added, random *rand.Rand) counts {
	load := harness.DefaultLoad()
	at := harness.Checkpoint{
		Round: harness.Fresh, AtSeconds: 2, LiveHeapBytes: 3e6, LiveObjects: 8000, Goroutines: 210,
		OffHeapBytes: new(int64(8e6)), HeapRSSBytes: new(int64(1)), // read off the mappings
	}
	e := judge.Evidence{
		Checkpoints: []harness.Checkpoint{at}, Load: load,
		WarmUpRequests: load.WarmUp + load.Segment, RequestsPerSecond: float64(load.Rate),
	}
	var c counts
	fresh := 0
	for next := harness.Fresh; ; {
		at = onward(at, next, pool[random.IntN(len(pool))], load.Segment)
		e.Checkpoints = append(slices.Clip(e.Checkpoints), at)
		e.Requests = at.Requests
		if next == harness.Fresh {
			fresh++
		}
		e.Last = fresh > load.Segments.Max || len(e.Checkpoints) > 3*load.Segments.Max
		v, wanted := judge.Judge(e)
		if v.Outcome == harness.Fail {
			c.said = 1
		}
		if wanted == "" {
			switch v.Outcome {
			case harness.Fail:
				c.failed = 1
			case harness.Inconclusive:
				c.open = 1
			}
			return c
		}
		next = wanted
	}
}

// onward is the checkpoint after a round that added a drawn segment. A round without
// load has its noise all the same.
func onward(at harness.Checkpoint, round harness.Round, a added, segment int) harness.Checkpoint {
	at.Round = round
	at.AtSeconds += a.Seconds
	at.LiveHeapBytes += a.LiveHeapBytes
	at.LiveObjects += a.LiveObjects
	at.Goroutines += a.Goroutines
	at.OffHeapBytes = new(*at.OffHeapBytes + a.OffHeapBytes)
	switch round {
	case harness.Idle, harness.Rest:
	case harness.Flood:
		at.Requests += max(segment, at.Requests/3)
	default:
		at.Requests += segment
	}
	return at
}
