package blame

import (
	"math/rand/v2"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestFingerprint(t *testing.T) {
	put := harness.Frame{Function: "a.Map[go.shape.int].Put", File: "a.go", Line: 1}
	moved := harness.Frame{Function: "a.Map[...].Put", File: "b.go", Line: 7}
	if a, b := fingerprint(put), fingerprint(moved); a != b || len(a) != 12 {
		t.Errorf("%q and %q, want the same 12 digits: only lines and type arguments differ", a, b)
	}
	for _, other := range []string{"a.Map[go.shape.int].Get", "a.Map[go.shape.int].Put.func1", "b.Map[go.shape.int].Put"} {
		if fingerprint(harness.Frame{Function: other}) == fingerprint(put) {
			t.Errorf("%s: the same fingerprint", other)
		}
	}
}

// Which route to a line grew most, and which is seen at all, is up to sampling.
func TestSamplingDoesNotChangeAFingerprint(t *testing.T) {
	routes := [][]harness.Frame{
		{growMap, check, parse, serve},
		{clone, check, {Function: "shop/fraud.(*Handler).refund", File: "/src/shop/fraud/refund.go", Line: 9}, serve},
	}
	const rate, size, perRound = 64 << 10, 256, 20 // some two samples of each route in a run
	seen, grewMost := make(map[string]int), make(map[string]bool)
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		var kept [2]float64
		points := rounds(24, rate, func(int64) []block {
			var blocks []block
			for i, stack := range routes {
				for range perRound {
					if random.Float64() < size/float64(rate) {
						kept[i]++
					}
				}
				bytes, objects := scaled(kept[i], size, rate)
				blocks = append(blocks, block{bytes, objects, stack})
			}
			return blocks
		})
		sites, _ := Growth(points, Options{Slope: 256})
		if len(sites) == 0 {
			continue // none was sampled
		}
		seen[sites[0].Fingerprint]++
		grewMost[sites[0].Stack[2].Function] = true
	}
	if len(grewMost) != 2 {
		t.Fatalf("the stacks that grew most: %v, want each route now and then", grewMost)
	}
	if len(seen) != 1 {
		t.Errorf("fingerprints and their runs: %v, want one", seen)
	}
}
