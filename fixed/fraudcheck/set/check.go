// Package set builds one set of risky users for all payments and keeps it for
// the time that the cached list is good for.
//
// One payment at a time refreshes the set, so that at most two sets are in
// memory, and nothing waits for the shutdown. A set that is out of date is not
// asked: while no new one can be built, payments get a 503. Its list may come
// from the cache, so that an answer may be twice that time old. Read it as a diff
// against leaky/fraudcheck/check.go.
package set

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

type checker struct {
	stores     *payment.Stores
	current    atomic.Pointer[snapshot]
	refreshing chan struct{} // holds a token while one payment refreshes
}

// snapshot is the risky users at a time. It never changes once it is current.
type snapshot struct {
	riskySet map[string]struct{}
	until    time.Time
}

func (s *snapshot) fresh() bool { return s != nil && time.Now().Before(s.until) }

// New serves fraud checks. It loads the risky users with the first of them.
func New(_ context.Context, stores *payment.Stores) http.Handler {
	c := &checker{stores: stores, refreshing: make(chan struct{}, 1)}
	return payment.Handler(c.check)
}

// check looks the payer up in the current set of risky users.
func (c *checker) check(ctx context.Context, p payment.Payment) (bool, error) {
	s := c.current.Load()
	if !s.fresh() {
		var err error
		if s, err = c.refresh(ctx); err != nil {
			return false, err
		}
	}
	_, risky := s.riskySet[p.UserID]
	return risky, nil
}

// refresh makes a new set current. Those who wait while one does it take its
// set, and if it has none, try in turn, each within its own time.
func (c *checker) refresh(ctx context.Context) (*snapshot, error) {
	select {
	case c.refreshing <- struct{}{}:
		defer func() { <-c.refreshing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("set of risky users: wait for its refresh: %w", ctx.Err())
	}
	if s := c.current.Load(); s.fresh() {
		return s, nil
	}

	ids, err := c.riskyUsers(ctx)
	if err != nil {
		return nil, err
	}
	riskySet := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		riskySet[id] = struct{}{}
	}
	s := &snapshot{riskySet, time.Now().Add(c.stores.RefreshEvery())}
	c.current.Store(s)
	return s, nil
}

// riskyUsers is the ids of the risky users, from Redis where it has them, else
// from SQL.
func (c *checker) riskyUsers(ctx context.Context) (ids []string, err error) {
	list, cached, err := c.stores.CachedList(ctx)
	if err != nil {
		return nil, err
	}
	if cached {
		if err := json.Unmarshal(list, &ids); err != nil {
			return nil, fmt.Errorf("cached list of risky users: %w", err)
		}
		return ids, nil
	}

	if ids, err = c.stores.RiskyUserIDs(ctx); err != nil {
		return nil, err
	}
	return ids, c.stores.CacheList(ctx, ids)
}
