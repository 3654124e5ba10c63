package blame

import (
	"math/rand/v2"
	"testing"
)

// signal is a made-up series: what a site has in use after each round.
type signal func(round int) float64

func steady(v float64) signal { return func(int) float64 { return v } }

func ramp(perRound float64) signal {
	return func(round int) float64 { return perRound * float64(round) }
}

func step(height float64, at int) signal {
	return func(round int) float64 {
		if round >= at {
			return height
		}
		return 0
	}
}

func noise(height float64) signal {
	random := rand.New(rand.NewPCG(2, 3))
	return func(int) float64 { return height * random.Float64() }
}

func sum(parts ...signal) signal {
	return func(round int) float64 {
		total := 0.0
		for _, part := range parts {
			total += part(round)
		}
		return total
	}
}

// over is the series of n rounds of 40 requests.
func (s signal) over(n int) (requests, values []float64) {
	for round := range n + 1 {
		requests = append(requests, 40*float64(round))
		values = append(values, s(round))
	}
	return requests, values
}

func TestEvidence(t *testing.T) {
	for name, c := range map[string]struct {
		signal    signal
		rounds    int
		deviation float64
		// want
		proven, risen, sure bool // sure: the interval lies above zero
	}{
		"a line":                {sum(steady(9000), ramp(320)), 8, 0, true, true, true},
		"a line in noise":       {sum(ramp(320), noise(3000)), 30, 0, true, false, true},
		"a line of few samples": {ramp(320), 8, 2000, true, true, false},
		"noise":                 {sum(noise(900), step(10, 8)), 8, 0, false, false, false},
		"one step":              {step(5576, 4), 12, 0, false, true, false},
		"two steps":             {sum(step(5576, 4), step(5576, 7)), 12, 0, false, true, false},
		"steps of a map":        {sum(step(37e3, 3), step(55e3, 9), step(18e3, 10)), 12, 0, true, true, true},
		"steps of few samples":  {sum(step(37e3, 3), step(55e3, 9), step(18e3, 10)), 12, 60e3, false, true, false},
		"steps up and down":     {sum(step(900, 2), step(-900, 3), step(900, 5), step(-900, 7), step(900, 9)), 12, 0, false, false, false},
	} {
		requests, values := c.signal.over(c.rounds)
		e := weigh(requests, values, c.deviation)
		if e.proven != c.proven || e.risen != c.risen || (e.low > 0) != c.sure {
			t.Errorf("%s: %+v, want proven %t, risen %t, above zero %t", name, e, c.proven, c.risen, c.sure)
		}
		if !e.bounded || e.low > e.rate || e.high < e.rate {
			t.Errorf("%s: %+v has no interval around its rate", name, e)
		}
	}
}

func TestStepsCountWhole(t *testing.T) {
	requests, values := sum(step(400, 1), step(400, 6), step(400, 11)).over(12)
	if e := weigh(requests, values, 0); e.rate != 2.5 {
		t.Errorf("rate %v, want all 1200 over 480 requests, 2.5", e.rate)
	}
}

func TestTwoPointsHaveNoInterval(t *testing.T) {
	requests, values := ramp(400).over(1)
	if e := weigh(requests, values, 100); !e.proven || e.bounded || e.rate != 10 {
		t.Errorf("%+v, want growth of 10, proven, without an interval", e)
	}
	if e := weigh(requests, values, 300); e.proven {
		t.Errorf("%+v, want no proof of what sampling may have made", e)
	}
}

// Scaling the values scales the evidence, shifting them changes nothing.
func TestEvidenceScalesAndShifts(t *testing.T) {
	for name, s := range map[string]signal{"line": sum(ramp(320), noise(900)), "steps": sum(step(512, 2), step(256, 5), step(512, 9))} {
		requests, values := s.over(12)
		moved := make([]float64, len(values))
		for i, v := range values {
			moved[i] = 4*v + 1<<20
		}
		a, b := weigh(requests, values, 10), weigh(requests, moved, 40)
		near := func(x, y float64) bool { return 4*x-y < 1e-6 && y-4*x < 1e-6 }
		if !near(a.rate, b.rate) || !near(a.low, b.low) || !near(a.high, b.high) || a.proven != b.proven || a.risen != b.risen {
			t.Errorf("%s: %+v from %+v, want four times as much", name, b, a)
		}
	}
}
