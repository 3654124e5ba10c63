package fraudcheck_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	leaky "github.com/leaklab/leaklab/leaky/fraudcheck"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

// kept is what the process keeps of each of a number of payments: bytes and
// objects, after two collections.
func kept(h http.Handler, data fraudcheck.Data, payments int) (bytes, objects float64) {
	read := func() (m runtime.MemStats) {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m
	}
	const warmUp = 20
	for i := range warmUp {
		post(h, body(data, i))
	}
	before := read()
	for i := range payments {
		post(h, body(data, warmUp+i))
	}
	after := read()
	n := float64(payments)
	return (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / n,
		(float64(after.HeapObjects) - float64(before.HeapObjects)) / n
}

// body is the i-th payment of the data's stream.
func body(data fraudcheck.Data, i int) string { return string(data.Stream().Request(i).Body) }

// TestOnlyLeakyKeeps runs the backends in the process of the variants, so the
// bounds are wide: the real figures are the lab's. A closure alone is three
// objects a payment.
func TestOnlyLeakyKeeps(t *testing.T) {
	const payments = 100
	data := smallData()
	data.RiskyShare = 1
	for _, v := range variants {
		b := start(t, data)
		service, end, stores := b.open(t, payment.DefaultCacheTTL)
		size, objects := kept(v.new(service, stores), data, payments)
		t.Logf("%s on a hit: %.0f bytes, %.1f objects a payment", v.name, size, objects)
		if v.name == "leaky" && (objects < float64(data.RiskyUsers) || size < 4<<10) {
			t.Errorf("leaky keeps %.0f bytes in %.1f objects a payment, want the set and every id", size, objects)
		}
		if v.name != "leaky" && (objects > 2 || size > 1<<10) {
			t.Errorf("%s keeps %.0f bytes in %.1f objects a payment", v.name, size, objects)
		}
		end()
	}
}

// TestLeakyKeepsTheResultOfAMiss checks payments of risky users: the one row
// that the audit names keeps all rows.
func TestLeakyKeepsTheResultOfAMiss(t *testing.T) {
	data := smallData()
	data.RiskyShare = 1
	service, _, stores := start(t, data).open(t, 0)
	size, objects := kept(leaky.New(service, stores), data, 20)
	t.Logf("leaky on a miss: %.0f bytes, %.1f objects a payment", size, objects)
	if want := float64(data.RiskyUsers) * float64(data.RowBytes); size < want {
		t.Errorf("leaky keeps %.0f bytes a payment, want at least the rows' %.0f", size, want)
	}
}

// TestARefusedPaymentIsNotKept has Redis down: a 503 must cost no memory, of the
// leaky variant neither.
func TestARefusedPaymentIsNotKept(t *testing.T) {
	data := smallData()
	for _, v := range variants {
		if !asksRedis(v.name) {
			continue // answers from what is in memory
		}
		b := start(t, data)
		service, end, stores := b.open(t, payment.DefaultCacheTTL)
		h := v.new(service, stores)
		b.redis.Close()
		if w := post(h, somePayment); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s without Redis: %d %s, want 503", v.name, w.Code, w.Body)
		}
		if size, objects := kept(h, data, 100); objects > 2 || size > 1<<10 {
			t.Errorf("%s keeps %.0f bytes in %.1f objects of a payment that it answers with a 503", v.name, size, objects)
		}
		end()
	}
}

// TestLeakyAuditsAtShutdown shows that what is kept is used: each payment has
// its line once the service ends, on a miss with the row that matched.
func TestLeakyAuditsAtShutdown(t *testing.T) {
	data := smallData()
	data.RiskyShare = 1
	var audit lines
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&audit, nil)))

	_, _, stores := start(t, data).open(t, payment.DefaultCacheTTL)
	service, shutDown := context.WithCancel(t.Context())
	h := leaky.New(service, stores)
	post(h, body(data, 0)) // a miss
	post(h, body(data, 1)) // a hit
	if got := audit.String(); got != "" {
		t.Errorf("audited before the shutdown: %s", got)
	}
	shutDown()
	within(t, "two payments are audited", func() bool { return strings.Count(audit.String(), "\n") == 2 })
	for _, want := range []string{
		"payment_id=p000000000 risky=true recheck=true reason=",
		"payment_id=p000000001 risky=true recheck=true\n",
	} {
		if got := audit.String(); !strings.Contains(got, want) {
			t.Errorf("audit lacks %q:\n%s", want, got)
		}
	}
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
