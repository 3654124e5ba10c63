package load

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// hits runs a pacer as vegeta does, every hit taking a while, and returns when
// each began.
func hits(p pacer, takes func(k int) time.Duration) (at []time.Duration) {
	began := time.Now()
	for {
		wait, stop := p.Pace(time.Since(began), uint64(len(at)))
		if stop {
			return at
		}
		time.Sleep(wait)
		at = append(at, time.Since(began))
		time.Sleep(takes(len(at)))
	}
}

func TestPacer(t *testing.T) {
	const ms = time.Millisecond
	none := func(int) time.Duration { return 0 }
	for _, tt := range []struct {
		name  string
		rate  harness.Rate
		takes func(k int) time.Duration
		want  []time.Duration
	}{
		{"constant", 100, none, []time.Duration{10 * ms, 20 * ms, 30 * ms, 40 * ms}},
		{"fractional", 0.5, none, []time.Duration{2 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second}},
		{"catches up after a stall", 100, func(k int) time.Duration {
			if k == 1 {
				return 25 * ms
			}
			return 0
		}, []time.Duration{10 * ms, 35 * ms, 35 * ms, 40 * ms}},
		{"closed loop", harness.MaxRate, func(int) time.Duration { return 7 * ms }, []time.Duration{0, 7 * ms, 14 * ms, 21 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := hits(pacer{t.Context(), uint64(len(tt.want)), tt.rate}, tt.takes)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("hits (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPacerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		began := time.Now()
		got := hits(pacer{ctx, 1000, 1}, func(int) time.Duration { return 0 })
		if len(got) != 1 || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("%d hits in %s, want 1 in 1.5s", len(got), time.Since(began))
		}
	})
}
