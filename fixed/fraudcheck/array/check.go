// Package array looks through the list of risky users as it comes from the
// cache: no set is built, and nothing waits for the shutdown.
//
// It is the smallest remedy, and the slowest to answer for a long list: parsing
// and the scan are linear in the list, at every payment. Read it as a diff
// against leaky/fraudcheck/check.go.
package array

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

type checker struct {
	stores *payment.Stores
}

// New serves fraud checks. Nothing of them outlives its request.
func New(_ context.Context, stores *payment.Stores) http.Handler {
	c := &checker{stores}
	return payment.Handler(c.check)
}

// check looks the payer up among the risky users.
func (c *checker) check(ctx context.Context, p payment.Payment) (bool, error) {
	ids, err := c.riskyUsers(ctx)
	if err != nil {
		return false, err
	}
	return slices.Contains(ids, p.UserID), nil
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
