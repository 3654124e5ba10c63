// Package sweep answers what becomes of each variant when a scenario's values
// change: which points to run, which of them no memory would suffice for, how
// long the rest takes, and where one variant becomes cheaper than another.
//
// It refuses to run, to read a file or a clock, and to judge: each point is a run
// of its own, whose record says what was measured. It stands beside the lab in
// the flow: the command runs a point, and the reports draw the whole.
package sweep

import (
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Schema names the version of the format of a sweep.
const Schema = "leaklab/sweep/v1"

// Sweep is all of a sweep.
type Sweep struct {
	Schema    string    `json:"schema"`
	Scenario  string    `json:"scenario"`
	About     string    `json:"about,omitzero"`
	Complete  bool      `json:"complete"`
	StartedAt time.Time `json:"started_at"`
	// Environment is that of the last point that was run.
	Environment harness.Environment `json:"environment"`
	// Command repeats the sweep, or goes on with it; secrets are redacted.
	Command []string `json:"command"`
	Axes    []Axis   `json:"axes"`
	// Load is how the points are loaded, as far as no axis says otherwise.
	Load harness.Load `json:"load"`
	// LatencySeconds bounds the 99th percentile of latency at the rate within the
	// bound. Zero: no bound.
	LatencySeconds float64 `json:"latency_seconds"`
	Points         []Point `json:"points"`
}

// Axis is a key of a scenario and the values that are tried.
type Axis struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// Setting is a key with one of its values.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Point is one variant under one combination of values.
type Point struct {
	// Name is unique within a sweep, and a path: data.risky_users=100/array.
	Name     string    `json:"name"`
	Settings []Setting `json:"settings"`
	Variant  string    `json:"variant"`
	State    State     `json:"state"`
	// Skipped says why it was not run.
	Skipped string `json:"skipped,omitzero"`
	// Seconds is what its run took, the search for its highest rate included.
	Seconds float64 `json:"seconds,omitzero"`
	// Figures is what was measured; null where nothing was.
	Figures *Figures `json:"figures"`
	// Steps is how fast it answered a closed loop: empty where it did not within a
	// step, null where that was not tried.
	Steps []Step `json:"steps"`
}

// State is how far a point is.
type State string

// The states. A point that is to do was not reached, or was interrupted.
const (
	ToDo    State = "to-do"
	Done    State = "done"
	Skipped State = "skipped"
)

// Count is the number of points in a state.
func (s Sweep) Count(state State) int {
	n := 0
	for _, p := range s.Points {
		if p.State == state {
			n++
		}
	}
	return n
}
