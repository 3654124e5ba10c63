package judge_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// collected makes the readings of a target those of one that is never made to
// collect: it collects by itself, when what it allocated is as much as what its last
// collection left. Now and then a collection meets no requests on their way, and
// leaves less.
func collected(seed uint64) func(*judge.Evidence) {
	const garbage, profile, least, onTheirWay = 45 << 10, 150 << 10, 4 << 20, 1 << 20
	return func(e *judge.Evidence) {
		e.Floor = judge.ContinuousFloor
		e.RequestsPerSecond, e.Load.Patience = 1000, harness.DefaultLoad().Patience
		e.Checkpoints = slices.Clone(e.Checkpoints)
		random := rand.New(rand.NewPCG(seed, 7))
		left, allocated, cycles := int64(0), int64(0), int64(0)
		before := e.Checkpoints[0]
		for i, c := range e.Checkpoints {
			allocated += int64(c.Requests-before.Requests)*garbage + max(0, c.LiveHeapBytes-before.LiveHeapBytes) + profile
			before = c
			if i == 0 || allocated >= max(least-left, left) {
				cycles, allocated = cycles+1, 0
				left = c.LiveHeapBytes + int64(random.IntN(200<<10))
				if random.IntN(6) > 0 && c.Round != harness.Idle && c.Round != harness.Rest {
					left += onTheirWay
				}
			}
			c.LiveHeapBytes, c.GCCycles = left, cycles
			c.LiveObjects, c.OffHeapBytes = 0, nil
			e.Checkpoints[i] = c
		}
	}
}

// A target that is never made to collect is judged all the same: by few readings,
// which are far apart where much leaks, and noisy ones where little does. What it
// holds for a while, or up to a bound, is never called a leak.
func TestTargetsThatAreNotMadeToCollect(t *testing.T) {
	for _, test := range []struct {
		name  string
		bytes signal
		want  []harness.Outcome
	}{
		{"1 KiB a request", ramp(1 << 10), []harness.Outcome{harness.Fail, harness.Inconclusive}},
		{"2 KiB a request", ramp(2 << 10), []harness.Outcome{harness.Fail}},
		{"5 KiB a request", ramp(5 << 10), []harness.Outcome{harness.Fail}},
		{"20 KiB a request", ramp(20 << 10), []harness.Outcome{harness.Fail}},
		{"80 KiB a request", ramp(80 << 10), []harness.Outcome{harness.Fail}},
		{"nothing", nil, []harness.Outcome{harness.Pass}},
		{"2 KiB a request for 8 s", expiring(2<<10, 8), []harness.Outcome{harness.Pass, harness.Inconclusive}},
		{"80 KiB a request for 8 s", expiring(80<<10, 8), []harness.Outcome{harness.Pass}},
		{"a cache of 400 keys of 2 KiB", ramp(2 << 10).until(400).perKey(), []harness.Outcome{harness.Pass}},
		{"a cache of 600 keys of 80 KiB", ramp(80 << 10).until(600).perKey(), []harness.Outcome{harness.Pass}},
		{"a ring of 600 requests of 80 KiB", ramp(80 << 10).until(600), []harness.Outcome{harness.Pass}},
	} {
		for seed := range uint64(10) {
			v, rounds := readings{bytes: test.bytes}.run(collected(seed))
			if !slices.Contains(test.want, v.Outcome) {
				t.Errorf("%s, seed %d: %s, %s after %d rounds: %v", test.name, seed, v.Outcome, v.Class, len(rounds), v.Reasons)
			}
		}
	}
}
