package sweep

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/leaklab/leaklab/harness"
)

// Decode reads a sweep as it is stored. Keys that it does not know are left out: a
// later version may have added them.
func Decode(data []byte) (Sweep, error) {
	var s Sweep
	if err := json.Unmarshal(data, &s); err != nil {
		return Sweep{}, err
	}
	return s, s.validate()
}

// validate checks what a report of the sweep relies on.
func (s Sweep) validate() error {
	switch {
	case s.Schema != Schema:
		return fmt.Errorf("schema %q, want %q", s.Schema, Schema)
	case s.Scenario == "":
		return errors.New("scenario is missing")
	case s.LatencySeconds < 0:
		return fmt.Errorf("latency_seconds = %g, want 0 or more", s.LatencySeconds)
	case len(s.Points) > maxPoints:
		return fmt.Errorf("%d points, want at most %d", len(s.Points), maxPoints)
	}
	for i, p := range s.Points {
		if err := p.validate(); err != nil {
			return fmt.Errorf("points[%d]: %w", i, err)
		}
		if p.State == ToDo && s.Complete {
			return fmt.Errorf("points[%d]: state %q in a sweep that is complete", i, p.State)
		}
	}
	return nil
}

func (p Point) validate() error {
	if p.Variant == "" {
		return errors.New("variant is missing")
	}
	switch p.State {
	case ToDo, Done, Skipped:
	default:
		return fmt.Errorf("state %q, want %s, %s or %s", p.State, ToDo, Done, Skipped)
	}
	if f := p.Figures; f != nil && f.Verdict != harness.Pass && f.Verdict != harness.Fail && f.Verdict != harness.Inconclusive {
		return fmt.Errorf("verdict %q, want %s, %s or %s", f.Verdict, harness.Pass, harness.Fail, harness.Inconclusive)
	}
	return nil
}
