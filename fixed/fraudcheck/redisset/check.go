// Package redisset asks Redis whether the payer is in a set of risky users, so
// that the service keeps no list at all.
//
// The memory is not saved but moved to Redis, once for all services, and each
// payment costs a round trip. The set is filled from SQL in the background and
// replaced in one step, so that no payment finds it empty or half full. Read it
// as a diff against leaky/fraudcheck/check.go.
package redisset

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

const (
	setKey = "risky_users_set"
	// mark is a member of every complete set and no user's id. A set without it
	// does not say that nobody is risky, but that Redis has lost it.
	mark = ""
	// batch is the number of ids in one SADD.
	batch = 1000
	// fillingTTL removes a set whose filling was interrupted.
	fillingTTL = time.Minute
)

var errNoSet = errors.New("redis has no set of risky users yet")

type checker struct {
	stores *payment.Stores
	refill func()
}

// New fills the set, and serves fraud checks with it until service ends. While
// Redis is down or has no set, payments get a 503.
func New(service context.Context, stores *payment.Stores) http.Handler {
	c := &checker{stores: stores}
	c.refill = stores.Refresh(service, c.fill)
	return payment.Handler(c.check)
}

// check asks Redis for the payer, and in the same step whether it has the set.
func (c *checker) check(ctx context.Context, p payment.Payment) (bool, error) {
	var complete, risky *redis.BoolCmd
	_, err := c.stores.Redis.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		complete = tx.SIsMember(ctx, setKey, mark)
		risky = tx.SIsMember(ctx, setKey, p.UserID)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("redis sismember %s: %w", setKey, err)
	}
	if !complete.Val() {
		c.refill()
		return false, errNoSet
	}
	return risky.Val(), nil
}

// fill puts the risky users in SQL under a key of its own, and gives that the
// set's name: RENAME replaces in one step.
func (c *checker) fill(ctx context.Context) error {
	ids, err := c.stores.RiskyUserIDs(ctx)
	if err != nil {
		return err
	}
	filling := setKey + ":" + rand.Text()
	_, err = c.stores.Redis.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		tx.SAdd(ctx, filling, mark)
		tx.Expire(ctx, filling, fillingTTL) // gone by itself, should the filling stop here
		return nil
	})
	if err != nil {
		return fmt.Errorf("redis sadd and expire %s: %w", filling, err)
	}
	for some := range slices.Chunk(ids, batch) {
		if err := c.stores.Redis.SAdd(ctx, filling, some).Err(); err != nil {
			return fmt.Errorf("redis sadd %s: %w", filling, err)
		}
	}
	_, err = c.stores.Redis.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		tx.Persist(ctx, filling)
		tx.Rename(ctx, filling, setKey)
		return nil
	})
	if err != nil {
		return fmt.Errorf("redis rename %s %s: %w", filling, setKey, err)
	}
	return nil
}
