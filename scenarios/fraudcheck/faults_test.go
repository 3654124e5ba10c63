package fraudcheck_test

import (
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/fixed/fraudcheck/redisset"
	leaky "github.com/leaklab/leaklab/leaky/fraudcheck"
)

const (
	somePayment = `{"payment_id":"p1","user_id":"nobody","amount_cents":1,"currency":"EUR"}`
	unavailable = `{"error":"fraud check unavailable"}`
)

// asksRedis tells which variants cannot answer a single payment without Redis.
func asksRedis(variant string) bool {
	return variant != "set" && variant != "bloom" && variant != "smallbloom"
}

func TestRedisGoesAwayAndComesBack(t *testing.T) {
	data := smallData()
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			b := start(t, data)
			service, _, stores := b.open(t, payment.DefaultCacheTTL)
			h := v.new(service, stores)
			if w := post(h, somePayment); w.Code != http.StatusOK {
				t.Fatalf("before: %d %s", w.Code, w.Body)
			}
			b.redis.Close()
			w := post(h, somePayment)
			if asksRedis(v.name) && (w.Code != http.StatusServiceUnavailable || w.Body.String() != unavailable) {
				t.Errorf("without Redis: %d %s, want 503 %s", w.Code, w.Body, unavailable)
			}
			if !asksRedis(v.name) && w.Code != http.StatusOK {
				t.Errorf("without Redis: %d %s, want 200 from what is in memory", w.Code, w.Body)
			}
			if err := b.redis.Restart(); err != nil {
				t.Fatal(err)
			}
			within(t, "200 once Redis is back", func() bool { return post(h, somePayment).Code == http.StatusOK })
		})
	}
}

func TestDatabaseIsMissingAtStart(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	data := smallData()
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			b := empty(t)
			service, _, stores := b.open(t, payment.DefaultCacheTTL)
			h := v.new(service, stores)
			if w := post(h, somePayment); w.Code != http.StatusServiceUnavailable || w.Body.String() != unavailable {
				t.Errorf("without the table: %d %s, want 503 %s", w.Code, w.Body, unavailable)
			}
			if err := data.Fill(t.Context(), b.database); err != nil {
				t.Fatal(err)
			}
			within(t, "200 once the table is there", func() bool { return post(h, somePayment).Code == http.StatusOK })
		})
	}
}

// TestRedisThatNeverAnswers accepts connections and is silent.
func TestRedisThatNeverAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	stores, err := payment.Open(payment.Config{
		RedisURL:    "redis://" + silent.Addr().String(),
		DatabaseURL: filepath.Join(t.TempDir(), "unused.db"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	began := time.Now()
	w := post(leaky.New(t.Context(), stores), somePayment)
	if took := time.Since(began); w.Code != http.StatusServiceUnavailable || took > 8*time.Second {
		t.Errorf("%d after %v, want 503 after about 1 s", w.Code, took)
	}
}

// TestRedisThatForgot has the set of redisset vanish, as after a restart without
// persistence: nobody may pass for harmless because the set is gone.
func TestRedisThatForgot(t *testing.T) {
	data := smallData()
	data.RiskyShare = 1
	b := start(t, data)
	service, _, stores := b.open(t, payment.DefaultCacheTTL)
	h := redisset.New(service, stores)
	risky := string(data.Stream().Request(0).Body)
	const yes = `{"payment_id":"p000000000","risky":true}`
	if w := post(h, risky); w.Body.String() != yes {
		t.Fatalf("before: %d %s", w.Code, w.Body)
	}
	b.redis.FlushAll()
	if w := post(h, risky); w.Code != http.StatusServiceUnavailable {
		t.Errorf("without the set: %d %s, want 503", w.Code, w.Body)
	}
	within(t, "the set is filled again", func() bool { return post(h, risky).Body.String() == yes })
}
