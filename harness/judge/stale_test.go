package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

// collection is a reading of a target that works, after its n-th collection.
func collection(n int64, round harness.Round, megabytes int64) harness.Checkpoint {
	return harness.Checkpoint{Round: round, GCCycles: n, LiveHeapBytes: megabytes << 20}
}

// The first collection in a wait finds what the load before it left.
func TestUnstale(t *testing.T) {
	got := unstale([]harness.Checkpoint{
		collection(1, harness.Fresh, 4), collection(2, harness.Replay, 5), collection(2, harness.Replay, 5),
		collection(2, harness.Idle, 5), collection(3, harness.Idle, 7), collection(4, harness.Idle, 7), collection(5, harness.Replay, 8),
	})
	want := []harness.Checkpoint{
		collection(1, harness.Fresh, 4), collection(2, harness.Replay, 5), collection(3, harness.Replay, 7),
		collection(4, harness.Idle, 7), collection(5, harness.Replay, 8),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}

// One low reading under load is no release, two are, and a low one in a wait is.
func TestUndipped(t *testing.T) {
	read := func(megabytes ...int64) []harness.Checkpoint {
		var series []harness.Checkpoint
		for i, m := range megabytes {
			round := harness.Fresh
			if i == 5 {
				round = harness.Rest
			}
			series = append(series, collection(int64(i), round, m))
		}
		return series
	}
	if diff := cmp.Diff(read(6, 4, 6, 6, 6, 3, 7, 7), undipped(read(6, 4, 4, 6, 3, 3, 7, 5))); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}

// A line tells of growth that is less than the slack of a target that is never
// stopped, where it goes on for long enough.
func TestGrowsWithinALargeSlack(t *testing.T) {
	c := channel{kind: liveBytes, slack: 1 << 20, continuous: true}
	var series []harness.Checkpoint
	for i := range linedRounds + 1 {
		series = append(series, harness.Checkpoint{Requests: 200 * i, LiveHeapBytes: 4<<20 + int64(i*200*256)})
	}
	for _, test := range []struct {
		points int
		rate   float64
		want   bool
	}{{linedRounds + 1, 128, true}, {linedRounds + 1, 300, false}, {linedRounds, 128, false}} {
		if got := grows(c, series[:test.points], test.rate, overRequests); got != test.want {
			t.Errorf("256 B a request over %d readings grow by more than %v: %t, want %t", test.points, test.rate, got, test.want)
		}
	}
}
