// Package dropped lets go of every payment's own set of risky users when the
// payment is answered: its closure is called and forgotten, so that the set is
// garbage and not a leak.
//
// It is the incident's code ported to the letter, a control rather than a
// remedy: it does all of the leaky variant's work, and shows what that costs
// when nothing is kept. Read it as a diff against leaky/fraudcheck/check.go.
package dropped

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

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

	riskySet := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		riskySet[id] = struct{}{}
	}
	isRisky := func(userID string) bool {
		_, found := riskySet[userID]
		return found
	}
	return isRisky(p.UserID), nil
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

	rows, err := c.stores.RiskyUsers(ctx)
	if err != nil {
		return nil, err
	}
	ids = make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].UserID
	}
	return ids, c.stores.CacheList(ctx, ids)
}
