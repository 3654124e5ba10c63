package fraudcheck_test

import (
	"bytes"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/fixed/fraudcheck/redisset"
	"github.com/leaklab/leaklab/fixed/fraudcheck/set"
)

// TestRefreshFollowsTheTable clears a user in SQL and waits until the variant
// does so too: once its copy is out of date, and not before a refresh.
func TestRefreshFollowsTheTable(t *testing.T) {
	data := smallData()
	data.RiskyShare = 1
	risky := string(data.Stream().Request(0).Body)
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			b := start(t, data)
			service, _, stores := b.open(t, 20*time.Millisecond)
			h := v.new(service, stores)
			if got := post(h, risky).Body.String(); got != `{"payment_id":"p000000000","risky":true}` {
				t.Fatalf("before: %s", got)
			}
			if _, err := stores.SQL.ExecContext(t.Context(), "UPDATE risky_users SET active = false"); err != nil {
				t.Fatal(err)
			}
			within(t, "the user is harmless", func() bool {
				b.redis.FastForward(20 * time.Millisecond) // its clock is ours
				return post(h, risky).Body.String() == `{"payment_id":"p000000000","risky":false}`
			})
		})
	}
}

// TestRefreshEndsWithItsService closes the stores, which waits for the refresh:
// nothing of it runs on.
func TestRefreshEndsWithItsService(t *testing.T) {
	for _, v := range variants {
		service, end, stores := start(t, smallData()).open(t, time.Millisecond)
		post(v.new(service, stores), somePayment)
		end()
		all := make([]byte, 1<<20)
		all = all[:runtime.Stack(all, true)]
		if bytes.Contains(all, []byte("payment.(*Stores).Refresh")) {
			t.Errorf("%s: a refresh runs on after close:\n%s", v.name, all)
		}
	}
}

// TestRedisSetIsNeverEmpty looks at the set before every command that replaces
// it, twenty times over: all are in it.
func TestRedisSetIsNeverEmpty(t *testing.T) {
	const replacements = 20
	data := smallData()
	b := start(t, data)
	var transactions, short atomic.Int64
	b.redis.Server().SetPreHook(func(_ *server.Peer, command string, _ ...string) bool {
		if transactions.Load() >= 2 && command != "EXEC" {
			if members, err := b.redis.SMembers("risky_users_set"); err != nil || len(members) <= data.RiskyUsers {
				short.Add(1)
			}
		}
		// A replacement has two transactions, and the second renames: the commands
		// after the first of those see a set.
		if command == "EXEC" {
			transactions.Add(1)
		}
		return false // go on with the command
	})
	service, end, stores := b.open(t, time.Millisecond)
	redisset.New(service, stores)
	within(t, "the set is replaced 20 times", func() bool { return transactions.Load() > 2*replacements })
	end()
	if n := short.Load(); n != 0 {
		t.Errorf("%d commands found the set missing or short of %d users", n, data.RiskyUsers)
	}
}

// TestSetIsBuiltOnce has many payments meet an empty service: one builds, the
// others wait for it. Redis does not answer before all are there.
func TestSetIsBuiltOnce(t *testing.T) {
	const payments = 20
	b := start(t, smallData())
	var there sync.WaitGroup
	there.Add(payments)
	var gets atomic.Int64
	b.redis.Server().SetPreHook(func(_ *server.Peer, command string, _ ...string) bool {
		if command == "GET" {
			gets.Add(1)
			there.Wait()
		}
		return false
	})
	service, _, stores := b.open(t, payment.DefaultCacheTTL)
	h := set.New(service, stores)
	var answered sync.WaitGroup
	for range payments {
		answered.Go(func() {
			there.Done()
			if w := post(h, somePayment); w.Code != http.StatusOK {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	answered.Wait()
	if n := gets.Load(); n != 1 {
		t.Errorf("%d payments asked Redis for the list, want 1", n)
	}
}
