// Package lab is where the verbs meet: it starts backends and targets, drives
// them segment by segment, reads them at checkpoints, has them judged and writes
// the run down. It sees backends and targets as interfaces, so that what they
// drag in is chosen by whoever calls it, and it knows no scenario by name.
package lab

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/target"
)

// Plan is what to run: a scenario and what its variants have in common.
type Plan struct {
	Scenario harness.Scenario
	// Variants is what is known of each of the scenario's variants, in its order.
	Variants []Variant
	Needs    backend.Needs
	// Fill fills the backends before the targets start.
	Fill func(ctx context.Context, at backend.Endpoints) error
	// Stream is the requests that every variant gets, and their answers. A target
	// that is a [Streamer] gets its own.
	Stream harness.Stream
	// Traffic counts the load that comes from elsewhere. Nil: the lab loads the
	// targets itself.
	Traffic *Traffic
	// Pace is how many requests a second targets were seen to answer that are too slow
	// for what is asked for, as [Pace.Fit] found; the scenario's load is cut to that. Zero:
	// nothing was cut.
	Pace float64
	// AllowRemote permits targets that are not on this machine.
	AllowRemote bool
	// TLS is how certificates of targets are checked. Nil: by the roots of this
	// machine.
	TLS *tls.Config
	// Command repeats the run, for the record; secrets are redacted.
	Command []string
	// Version is leaklab's own, for the record.
	Version string
	// FirstVerdict ends with the first verdict of each variant: a leak is not
	// confirmed after it was said, nor sampled until it shows where it allocates.
	FirstVerdict bool
	// Deadlines bounds what the scenario does not.
	Deadlines Deadlines
}

// Deadlines bounds the parts of a run that no scenario bounds. A zero value is
// the default.
type Deadlines struct {
	// Start bounds the start of the backends and targets. Default: 2 minutes,
	// which fills a database with a million users.
	Start time.Duration
	// Checkpoint bounds one reading of a target. Default: 20 s; a heap of 1 GiB
	// takes two collections of 0.4 s and a profile. A target that needs longer is
	// taken for hung.
	Checkpoint time.Duration
}

func (d Deadlines) orDefault() Deadlines {
	if d.Start == 0 {
		d.Start = 2 * time.Minute
	}
	if d.Checkpoint == 0 {
		d.Checkpoint = 20 * time.Second
	}
	return d
}

// Variant is a variant of the scenario and what its author says of it.
type Variant struct {
	harness.Variant
	Complexity, BestFor string
	// FalsePositives allows the answers of a probabilistic filter.
	FalsePositives bool
	// Gauge is how the target's memory is read; the probe where it is empty.
	Gauge harness.GaugeKind
}

// Targets starts the process of a variant.
type Targets interface {
	Start(ctx context.Context, v harness.Variant, at backend.Endpoints) (Target, error)
}

// Target is the process of a variant.
type Target interface {
	// URL is where the application is served.
	URL() string
	// Gauge reads the target's memory.
	Gauge() Gauge
	// Done is closed when the target has ended, Exit then says how.
	Done() <-chan struct{}
	Exit() target.Exit
	// Stop ends the target, by force after the grace.
	Stop(grace time.Duration) error
}

// Streamer is a target with requests of its own: the same as the others get, but for
// what only it knows, such as a token.
type Streamer interface {
	Stream() harness.Stream
}

// Gauge reads a target's memory from outside.
type Gauge interface {
	Prewarm(ctx context.Context) error
	Checkpoint(ctx context.Context) (gauge.Reading, error)
	Sample(ctx context.Context) (harness.Sample, error)
	Stream(ctx context.Context, every time.Duration, each func(harness.Sample)) error
	HeapProfile(ctx context.Context) ([]byte, error)
	GoroutineProfile(ctx context.Context) ([]byte, error)
	GoroutineStacks(ctx context.Context) ([]byte, error)
	GoroutineLeakProfile(ctx context.Context) ([]byte, error)
	Close()
}

// Parts is what a run is made of.
type Parts struct {
	Backends backend.Sources
	Targets  Targets
	Journal  *journal.Journal
	// Progress is told what happens; nil for nobody. It is called from one
	// goroutine at a time.
	Progress func(Progress)
	// SelfTest shows that the lab can be trusted, in parallel with the start of a
	// run; nil leaves it out.
	SelfTest SelfTest
}

// Phase is a part of a run.
type Phase string

// The phases of a run, in order.
const (
	Starting  Phase = "starting"
	WarmingUp Phase = "warming up"
	Measuring Phase = "measuring"
	Finishing Phase = "finishing"
)

// Progress is how far a run is.
type Progress struct {
	Phase Phase
	// Segment is the number of segments done, of at least Min and at most Max.
	Segment, Min, Max int
	// Variants is where each variant stands; nil before the first checkpoint.
	Variants []Standing
	// Note is something that a reader of the progress must know, such as the
	// death of a target.
	Note string
}

// Standing is what is known of a variant while the run goes on.
type Standing struct {
	Name    string
	Verdict harness.Verdict
	// Next is the round that the verdict needs; empty when it is settled.
	Next          harness.Round
	LiveHeapBytes int64
	// RatePerSecond is the rate of the requests of its last segment; zero where the
	// lab sent none.
	RatePerSecond float64
}
