package payment

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRefreshKeepsItsTimes writes down when builds happen, in the bubble's time:
// one at once, a failed one again after a second whoever asks, else every
// interval or when asked; none after the service's end.
func TestRefreshKeepsItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		built, builds := make(chan time.Duration, 100), 0
		service, end := context.WithCancel(t.Context())
		stores := &Stores{cacheTTL: time.Minute}
		now := stores.Refresh(service, func(context.Context) error {
			built <- time.Since(began)
			if builds++; builds <= 2 {
				return errors.New("down")
			}
			return nil
		})
		if len(built) != 1 {
			t.Errorf("%d builds before Refresh returns, want 1", len(built))
		}
		now() // too early: it is down
		time.Sleep(500 * time.Millisecond)
		now()                       // asked for already
		time.Sleep(2 * time.Second) // a retry at 1 s and one at 2 s, then what was asked for
		time.Sleep(10 * time.Second)
		now()
		time.Sleep(90 * time.Second)
		end()
		stores.background.Wait()
		now()
		time.Sleep(time.Hour)
		close(built)

		want := []time.Duration{0, 1 * time.Second, 2 * time.Second, 2 * time.Second, 12500 * time.Millisecond, 72500 * time.Millisecond}
		var at []time.Duration
		for t := range built {
			at = append(at, t)
		}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("builds (-want +got):\n%s", diff)
		}
	})
}

// TestCloseWaitsForABuild ends the service while a build is slow to stop.
func TestCloseWaitsForABuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, end := context.WithCancel(t.Context())
		stores := &Stores{cacheTTL: time.Minute}
		builds, stopped := 0, false
		stores.Refresh(service, func(ctx context.Context) error {
			if builds++; builds == 1 {
				return nil
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			stopped = true
			return ctx.Err()
		})
		time.Sleep(time.Minute + time.Second)
		end()
		stores.background.Wait()
		if builds != 2 || !stopped {
			t.Errorf("waited for %d builds, the last stopped: %t; want 2, true", builds, stopped)
		}
	})
}

// TestABuildThatHangsIsGivenUp has a build that ends with its context alone.
func TestABuildThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		service, end := context.WithCancel(t.Context())
		stores := new(Stores)
		stores.Refresh(service, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if took := time.Since(began); took != buildTimeout {
			t.Errorf("given up after %v, want %v", took, buildTimeout)
		}
		end()
		stores.background.Wait()
	})
}
