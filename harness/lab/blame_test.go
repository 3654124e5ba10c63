package lab

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// The slope of growth by time is that of rounds at the scenario's rate; the profiles
// are of rests and of floods as well.
func TestGrowthByTimeIsSharedOverItsProfiles(t *testing.T) {
	v := harness.Verdict{
		Outcome: harness.Fail, Class: harness.Leak, Driver: harness.PerTime,
		SlopeBytesPerRequest: new(816.0), SlopeLow: new(784.0),
	}
	taken := []profiles{{requests: 100, liveHeap: 1000}, {requests: 1300, liveHeap: 9000}, {requests: 10_100, liveHeap: 601_000}}
	for name, c := range map[string]struct {
		taken []profiles
		want  float64
	}{
		"requests and growth": {taken, 60},
		"no requests":         {[]profiles{{requests: 5}, {requests: 5, liveHeap: 9}}, 0},
		"no growth":           {[]profiles{{requests: 5, liveHeap: 9}, {requests: 9}}, 0},
		"no profiles":         {nil, 0},
	} {
		if o := blameOptions(v, c.taken, 1); o.Slope != c.want || !o.OverTime || !o.Grows {
			t.Errorf("%s: %+v, want growth over time and a slope of %v", name, o, c.want)
		}
	}
	v.Driver = harness.PerKey
	if o := blameOptions(v, taken, 1); o.Slope != 816 || o.OverTime {
		t.Errorf("by the key: %+v, want the verdict's slope, over requests", o)
	}
}

// No request is sent to see where a ticker allocates.
func TestGrowthByTimeIsSampledByWaiting(t *testing.T) {
	s := &subject{verdict: harness.Verdict{Driver: harness.PerTime}}
	if st := new(run).samplingStep(s); st.count != 0 || st.pause <= 0 || st.round != harness.Sampling {
		t.Errorf("%+v, want a pause", st)
	}
}
