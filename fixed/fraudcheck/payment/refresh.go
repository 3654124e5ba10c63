package payment

import (
	"context"
	"log/slog"
	"time"
)

const (
	// buildTimeout bounds one build: many times what 100 000 users take.
	buildTimeout = 15 * time.Second
	// retryAfter is the pause after a build that failed.
	retryAfter = time.Second
)

// RefreshEvery is how long a variant that keeps the list in its own form keeps
// it: as long as Redis would keep the list, or [DefaultCacheTTL] where Redis
// does not keep it at all.
func (s *Stores) RefreshEvery() time.Duration {
	if s.cacheTTL == 0 {
		return DefaultCacheTTL
	}
	return s.cacheTTL
}

// Refresh calls build once before it returns, and then in the background every
// [Stores.RefreshEvery] until service ends; [Stores.Close] waits for that. A
// build that fails is logged and tried again after a second: until one succeeds,
// the variant has what it had before. The function that Refresh returns asks for
// a build at once; it does not wait, and is safe for concurrent use.
func (s *Stores) Refresh(service context.Context, build func(context.Context) error) (now func()) {
	wake := make(chan struct{}, 1)
	failed := runBuild(service, build)
	s.background.Go(func() {
		for service.Err() == nil {
			wait, asked := s.RefreshEvery(), wake
			if failed {
				wait, asked = retryAfter, nil // no one can hurry a backend that is down
			}
			timer := time.NewTimer(wait)
			select {
			case <-service.Done():
			case <-asked:
				failed = runBuild(service, build)
			case <-timer.C:
				failed = runBuild(service, build)
			}
			timer.Stop()
		}
	})
	return func() {
		select {
		case wake <- struct{}{}:
		default: // one is asked for already
		}
	}
}

func runBuild(service context.Context, build func(context.Context) error) (failed bool) {
	ctx, cancel := context.WithTimeout(service, buildTimeout)
	defer cancel()
	err := build(ctx)
	if err != nil && service.Err() == nil {
		slog.Warn("risky users not refreshed", "retry_after", retryAfter, "error", err)
	}
	return err != nil
}
