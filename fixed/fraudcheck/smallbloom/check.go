// Package smallbloom asks one Bloom filter that was made for 100 000 users and is
// never made larger: what becomes of a remedy when the list outgrows it.
//
// A filter with more users than it was made for takes ever more of all others for
// one of them; at ten times as many, nearly all. Nothing fails, and no memory
// grows: only the answers tell. Read it as a diff against fixed/fraudcheck/bloom,
// which makes each filter for the list that it holds.
package smallbloom

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/bits-and-blooms/bloom/v3"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

const (
	// capacity is the number of users for which the filter keeps its promise.
	capacity = 100_000
	// falsePositives is the promise: the share of users who are not risky for
	// whom a filter with capacity users says yes.
	falsePositives = 0.01
)

var errNotBuilt = errors.New("no filter of risky users was built yet")

type checker struct {
	stores  *payment.Stores
	current atomic.Pointer[bloom.BloomFilter] // never changed once it is here
}

// New builds the filter, and serves fraud checks with it until service ends.
// While the database is down there is no filter, and payments get a 503.
func New(service context.Context, stores *payment.Stores) http.Handler {
	c := &checker{stores: stores}
	stores.Refresh(service, c.build)
	return payment.Handler(c.check)
}

// check asks the filter for the payer.
func (c *checker) check(_ context.Context, p payment.Payment) (bool, error) {
	filter := c.current.Load()
	if filter == nil {
		return false, errNotBuilt
	}
	return filter.TestString(p.UserID), nil
}

// build makes a filter of the risky users in SQL the current one.
func (c *checker) build(ctx context.Context) error {
	ids, err := c.stores.RiskyUserIDs(ctx)
	if err != nil {
		return err
	}
	c.current.Store(filterOf(ids))
	return nil
}

func filterOf(ids []string) *bloom.BloomFilter {
	filter := bloom.NewWithEstimates(capacity, falsePositives)
	for _, id := range ids {
		filter.AddString(id)
	}
	return filter
}
