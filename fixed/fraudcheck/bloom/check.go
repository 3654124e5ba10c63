// Package bloom asks one Bloom filter of the risky users, built at the start
// and replaced in the background: a few bits a user instead of a set a payment.
//
// A filter says yes of every risky user and, at most once in a hundred, of
// another: a false positive, which the business must be able to bear. Redis is
// not asked. A refresh that fails leaves the filter as it is. Read it as a diff
// against leaky/fraudcheck/check.go.
package bloom

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/bits-and-blooms/bloom/v3"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

const (
	// capacity is the number of users for which a filter keeps its promise; a
	// longer list gets a larger filter.
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
	filter := bloom.NewWithEstimates(max(capacity, uint(len(ids))), falsePositives)
	for _, id := range ids {
		filter.AddString(id)
	}
	return filter
}
