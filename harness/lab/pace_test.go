package lab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/load"
)

// asked is the load of a service that is attached to, with what it is cut to.
func asked(change func(*harness.Load)) harness.Load {
	l := harness.Load{
		Rate: 300, Connections: 32, WarmUp: 600, Segment: 100, Segments: harness.Segments{Min: 8, Max: 67},
		MaxTime: harness.Duration(45 * time.Second),
	}
	if change != nil {
		change(&l)
	}
	return l
}

func TestPaceFits(t *testing.T) {
	cut := func(warmUp, segment, most int) func(*harness.Load) {
		return func(l *harness.Load) { l.WarmUp, l.Segment, l.Segments.Max = warmUp, segment, most }
	}
	for name, test := range map[string]struct {
		pace  Pace
		kinds int
		asked func(*harness.Load)
		want  func(*harness.Load) // nil: as it was
	}{
		"not known":                 {pace: Pace{}},
		"holds the rate":            {pace: Pace{PerSecond: 300, Latency: 100 * time.Millisecond}},
		"holds half of it":          {pace: Pace{PerSecond: 150, Latency: 50 * time.Millisecond}},
		"slow":                      {pace: Pace{PerSecond: 32, Latency: 250 * time.Millisecond}, kinds: 1, want: cut(72, 14, 51)},
		"slower":                    {pace: Pace{PerSecond: 10, Latency: 100 * time.Millisecond}, kinds: 1, want: cut(32, 10, 24)},
		"waits for a second":        {pace: Pace{PerSecond: 32, Latency: time.Second}, kinds: 1, want: cut(72, 32, 24)},
		"as many of each kind":      {pace: Pace{PerSecond: 32, Latency: 250 * time.Millisecond}, kinds: 40, want: cut(72, 40, 24)},
		"more kinds than a segment": {pace: Pace{PerSecond: 32, Latency: 250 * time.Millisecond}, kinds: 200, want: cut(72, 14, 51)},
		"slow, in an hour": {pace: Pace{PerSecond: 32}, asked: func(l *harness.Load) { l.MaxTime = harness.Duration(time.Hour) },
			want: func(l *harness.Load) {
				l.MaxTime, l.WarmUp, l.Segment, l.Segments.Max = harness.Duration(time.Hour), 72, 14, 51
			}},
		"less than asked, but in time": {pace: Pace{PerSecond: 1000}, asked: func(l *harness.Load) { l.Rate = 5000 }},
		"as fast as it goes":           {pace: Pace{PerSecond: 1000}, asked: func(l *harness.Load) { l.Rate = harness.MaxRate }},
		"as slow as it goes": {pace: Pace{PerSecond: 32}, asked: func(l *harness.Load) { l.Rate = harness.MaxRate },
			want: func(l *harness.Load) { l.Rate, l.WarmUp, l.Segment = harness.MaxRate, 72, 14 }},
	} {
		want := test.want
		if want == nil {
			want = test.asked
		}
		got, fitted := test.pace.Fit(asked(test.asked), test.kinds)
		if diff := cmp.Diff(asked(want), got); diff != "" || fitted != (test.want != nil) {
			t.Errorf("%s: cut %t (-want +got):\n%s", name, fitted, diff)
		}
	}
}

// runOf is a run of one subject whose time ends after a while.
func runOf(left time.Duration, pace float64, fresh load.Result) (*run, *subject) {
	s := &subject{load: fresh}
	r := &run{ends: time.Now().Add(left), next: 2000, subjects: []*subject{s}}
	r.plan.Pace, r.plan.Scenario.Load = pace, asked(nil)
	r.plan.Scenario.MemoryCeiling = harness.GiB
	return r, s
}

// No flood takes longer than floodTime, or than what is left, of what is slow; the
// others go on as they do.
func TestFloodsOfWhatIsSlow(t *testing.T) {
	const hour = time.Hour
	held := load.Result{Requests: 1000, SendingSeconds: 3.4, ScheduleSeconds: 3.3, ElapsedSeconds: 3.5}
	slow := load.Result{Requests: 1000, SendingSeconds: 9, ScheduleSeconds: 3.3, ElapsedSeconds: 5}
	for name, test := range map[string]struct {
		left  time.Duration
		pace  float64
		fresh load.Result
		want  int
	}{
		"holds the rate":             {hour, 0, held, 700},
		"holds it, at the end":       {time.Millisecond, 0, held, 700},
		"nothing is known":           {hour, 0, load.Result{}, 700},
		"slow":                       {hour, 0, slow, 180},
		"slow, as known before":      {hour, 200, load.Result{}, 180},
		"slow, near the end":         {700 * time.Millisecond, 200, load.Result{}, 139},
		"no less than a segment has": {hour, 10, load.Result{}, 100},
	} {
		r, s := runOf(test.left, test.pace, test.fresh)
		if got := r.floodStep(s).count; got < test.want-2 || got > test.want {
			t.Errorf("%s: a flood of %d, want %d", name, got, test.want)
		}
	}
}

// A round that would be cut short is not begun; what only watches is.
func TestNoRoundWithoutTheTimeForIt(t *testing.T) {
	for name, test := range map[string]struct {
		left  time.Duration
		pace  float64
		round harness.Round
		want  bool
	}{
		"time enough":          {2 * time.Second, 100, harness.Flood, true},
		"too little":           {900 * time.Millisecond, 100, harness.Flood, false},
		"too little, to watch": {900 * time.Millisecond, 100, harness.Rest, true},
		"holds the rate":       {0, 0, harness.Flood, true},
	} {
		r, s := runOf(test.left, test.pace, load.Result{})
		s.wants, s.loading = test.round, t.Context()
		if got := len(r.nextSteps()) == 1; got != test.want {
			t.Errorf("%s: begun %t, want %t", name, got, test.want)
		}
	}
}

func TestBurstOfWhatIsSlow(t *testing.T) {
	for pace, want := range map[float64][2]int{0: {3, 600}, 32: {1, 72}, 1: {1, 2}, 0.1: {1, 1}, 1000: {1, 600}} {
		r, _ := runOf(time.Hour, pace, load.Result{})
		if rounds, count := r.burstRounds(); rounds != want[0] || count != want[1] {
			t.Errorf("%g a second: %d rounds of %d, want %v", pace, rounds, count, want)
		}
	}
	r, s := runOf(time.Hour, 0, load.Result{})
	for took, want := range map[time.Duration]time.Duration{time.Second: 0, 8 * time.Second: 3 * time.Second} {
		if s.burstTime = took; r.burstOver() != want {
			t.Errorf("a burst of %s takes %s of the load's time, want %s", took, r.burstOver(), want)
		}
	}
}

// The rate that a slow target is said to hold is that of its answers.
func TestRateOfWhatIsSlow(t *testing.T) {
	sent := load.Result{Requests: 10, SendingSeconds: 0.05, ScheduleSeconds: 0.033, ElapsedSeconds: 0.5}
	for slow, want := range map[bool]float64{false: 200, true: 20} {
		s := &subject{load: sent, slow: slow}
		if got := s.loadResult().RatePerSecond; got != want {
			t.Errorf("known to be slow %t: %g a second, want %g", slow, got, want)
		}
	}
}
