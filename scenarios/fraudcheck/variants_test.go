package fraudcheck_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/leaklab/leaklab/fixed/fraudcheck/array"
	"github.com/leaklab/leaklab/fixed/fraudcheck/bloom"
	"github.com/leaklab/leaklab/fixed/fraudcheck/dropped"
	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/fixed/fraudcheck/redisset"
	"github.com/leaklab/leaklab/fixed/fraudcheck/set"
	"github.com/leaklab/leaklab/fixed/fraudcheck/smallbloom"
	leaky "github.com/leaklab/leaklab/leaky/fraudcheck"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

// TestMain keeps the leaky variant's audit out of the tests' output, and is the
// Redis of the benchmarks where it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(serveRedis) != "" {
		os.Exit(redisProcess())
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// variants is every fraud check, in the order of the story.
var variants = []struct {
	name string
	new  func(service context.Context, stores *payment.Stores) http.Handler
}{
	{"leaky", leaky.New},
	{"dropped", dropped.New},
	{"array", array.New},
	{"set", set.New},
	{"bloom", bloom.New},
	{"redisset", redisset.New},
	{"smallbloom", smallbloom.New},
}

// smallData is the default with fewer users: SQLite is slow under the race
// detector.
func smallData() fraudcheck.Data {
	data := fraudcheck.DefaultData()
	data.RiskyUsers, data.InactiveUsers = 200, 50
	return data
}

// backends is a Redis and a database for one test.
type backends struct {
	redis    *miniredis.Miniredis
	database string
}

// empty has a database without the table. Its writers wait for its readers.
func empty(tb testing.TB) backends {
	return over(tb, filepath.Join(tb.TempDir(), "fraud.db"))
}

// over has its database in a file.
func over(tb testing.TB, file string) backends {
	return backends{miniredis.RunT(tb), "file:" + filepath.ToSlash(file) + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"}
}

// start has the database filled.
func start(tb testing.TB, data fraudcheck.Data) backends {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "fraud.db")
	if err := os.WriteFile(file, filled(tb, data), 0o600); err != nil {
		tb.Fatal(err)
	}
	return over(tb, file)
}

// databases holds the file of each data that was filled already: to fill it takes
// longer than most tests.
var (
	databasesMu sync.Mutex
	databases   = map[fraudcheck.Data][]byte{}
)

// filled is a SQLite file that holds the data.
func filled(tb testing.TB, data fraudcheck.Data) []byte {
	tb.Helper()
	databasesMu.Lock()
	defer databasesMu.Unlock()
	if content, ok := databases[data]; ok {
		return content
	}
	file := filepath.Join(tb.TempDir(), "filled.db")
	if err := data.Fill(tb.Context(), "file:"+filepath.ToSlash(file)); err != nil {
		tb.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	databases[data] = content
	return content
}

// open opens stores over the backends, as the function open does.
func (b backends) open(tb testing.TB, cacheTTL time.Duration) (service context.Context, end func(), stores *payment.Stores) {
	tb.Helper()
	return open(tb, payment.Config{
		RedisURL:    "redis://" + b.redis.Addr(),
		DatabaseURL: b.database,
		CacheTTL:    cacheTTL,
	})
}

// open opens stores and the context of a service over them. Its end cancels the
// context and closes the stores, within a deadline; the test's end does so too.
func open(tb testing.TB, config payment.Config) (service context.Context, end func(), stores *payment.Stores) {
	tb.Helper()
	stores, err := payment.Open(config)
	if err != nil {
		tb.Fatal(err)
	}
	service, cancel := context.WithCancel(context.Background())
	var once sync.Once
	end = func() {
		once.Do(func() {
			cancel()
			var err error
			within(tb, "stores closed", func() bool { err = stores.Close(); return true })
			if err != nil {
				tb.Errorf("close: %v", err)
			}
		})
	}
	tb.Cleanup(end)
	return service, end, stores
}

// within calls done until it is true, and fails when that takes 10 seconds.
func within(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	ok := make(chan struct{})
	quit := make(chan struct{})
	defer close(quit)
	go func() {
		for !done() {
			select {
			case <-quit:
				return
			case <-time.After(time.Millisecond):
			}
		}
		close(ok)
	}()
	select {
	case <-ok:
	case <-time.After(10 * time.Second):
		tb.Fatalf("not within 10 s: %s", what)
	}
}

func post(h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, payment.Path, strings.NewReader(body)))
	return w
}
