package leaktest

import (
	"bytes"
	"errors"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/blame"
)

const (
	// maxSites bounds the sites in the record.
	maxSites = 20
	// enoughSamples is the number of objects that a site rests on at least.
	enoughSamples = 25
	// minSnapshots give a site's growth an interval. maxSnapshots and sitesTime
	// bound the search: a slice that doubles grows only when the calls have doubled.
	minSnapshots, maxSnapshots = 5, 24
	sitesTime                  = 2 * time.Second
	// profileBytes is room for a profile, so that writing one is no growth in it.
	profileBytes = 1 << 20
	// maxStacksBytes bounds the text of the stacks of leaked goroutines.
	maxStacksBytes = 4 << 20
)

// snapshot is the profiles at a checkpoint.
type snapshot struct {
	checkpoint int // its index
	heap       []byte
	allocated  blame.Point
	started    blame.Point
}

// blame calls a leaking function some more, with every allocation recorded, and
// returns where they are that stay. The verdict is settled: what it costs to
// record them has no part in it.
func (m *measurement) blame() ([]harness.Blame, error) {
	verdict := m.verdict()
	if verdict.Outcome != harness.Fail || !verdict.Class.Leaks() || len(m.result().Checkpoints) == 0 {
		return nil, nil
	}
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	began := time.Now()
	for m.ctx.Err() == nil {
		if err := m.snap(); err != nil {
			return nil, err
		}
		if len(m.snapshots) >= minSnapshots {
			sites := m.sites(verdict)
			found := len(sites) > 0 && sites[0].Samples >= enoughSamples
			if found || len(m.snapshots) == maxSnapshots || time.Since(began) > sitesTime {
				return sites, nil
			}
		}
		runtime.MemProfileRate = 1
		m.round(harness.Sampling)
	}
	return nil, m.ctx.Err()
}

// snap takes the profiles at the last checkpoint. They are written at the rate
// that the calls were recorded at, and what is made of them is not recorded.
func (m *measurement) snap() error {
	runtime.MemProfileRate = 0
	var heap, goroutines bytes.Buffer
	heap.Grow(profileBytes)
	goroutines.Grow(profileBytes)
	runtime.MemProfileRate = 1
	err := errors.Join(pprof.Lookup("heap").WriteTo(&heap, 0), pprof.Lookup("goroutine").WriteTo(&goroutines, 0))
	runtime.MemProfileRate = 0
	if err != nil {
		return err
	}
	s := snapshot{checkpoint: len(m.result().Checkpoints) - 1}
	s.allocated.Requests, s.started.Requests = m.completed, m.completed
	if s.allocated.Profile, err = blame.Read(heap.Bytes()); err != nil {
		return err
	}
	if s.started.Profile, err = blame.ReadGoroutines(goroutines.Bytes()); err != nil {
		return err
	}
	// Last: what is allocated first at another rate is recorded whatever that is.
	s.heap = bytes.Clone(heap.Bytes())
	m.snapshots = append(m.snapshots, s)
	return nil
}

// sites is where the growth of the snapshots is allocated; first, where goroutines
// stay, where these are started.
func (m *measurement) sites(v harness.Verdict) []harness.Blame {
	var allocated, started []blame.Point
	for _, s := range m.snapshots {
		allocated, started = append(allocated, s.allocated), append(started, s.started)
	}
	options := blame.Options{Limit: maxSites}
	if v.SlopeLow != nil && *v.SlopeLow > 0 {
		options.Slope = *v.SlopeBytesPerRequest
	}
	sites, _ := blame.Growth(allocated, options)
	if v.Class == harness.Goroutine {
		stacks := make([]byte, maxStacksBytes)
		goroutines := blame.GoroutineOptions{Options: blame.Options{Limit: maxSites}, Stacks: stacks[:runtime.Stack(stacks, true)]}
		goroutines.Slope, goroutines.Heap = *v.GoroutinesPerRequest, allocated
		sites = blame.Rank(blame.Goroutines(started, goroutines), sites)
	}
	for i := range sites {
		ours := slices.IndexFunc(sites[i].Stack, isMeasurement)
		if ours > 0 {
			sites[i].Stack = sites[i].Stack[:ours]
		}
	}
	return sites
}

// isMeasurement tells whether a frame is this package's, which has no part in the
// identity of a leak.
func isMeasurement(f harness.Frame) bool {
	return strings.HasPrefix(f.Function, "github.com/leaklab/leaklab/harness/leaktest.(*measurement).")
}
