package embedded

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// deadline bounds every wait: it is no measure of anything.
const deadline = 20 * time.Second

func startRedis(t *testing.T, variants ...string) *RedisService {
	t.Helper()
	service, err := Redis{}.Start(t.Context(), variants)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service.(*RedisService)
}

// dial is a client that tries once.
func dial(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries, options.DialerRetries = -1, 1
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

// eventually polls for what the server does on its own.
func eventually(t *testing.T, what string, done func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for !done(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, deadline)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestVariantsHaveDatabasesOfTheirOwn(t *testing.T) {
	s := startRedis(t, "leaky", "bloom")
	leaky, bloom := dial(t, s.URL("leaky")), dial(t, s.URL("bloom"))
	if err := leaky.Set(t.Context(), "user", "risky", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := bloom.Exists(t.Context(), "user").Result(); err != nil || n != 0 {
		t.Errorf("bloom sees %d of leaky's keys (%v), want 0", n, err)
	}
	if url := s.URL("stranger"); url != "" {
		t.Errorf("URL of an unknown variant = %q, want none", url)
	}
	if bytes, err := s.MemoryBytes(t.Context(), "leaky"); bytes != nil || err != nil {
		t.Errorf("MemoryBytes = %v, %v, want nothing", bytes, err)
	}
}

func TestKeysExpireByThemselves(t *testing.T) {
	started := time.Now()
	s := startRedis(t, "leaky")
	client := dial(t, s.URL("leaky"))
	if err := client.Set(t.Context(), "short", 1, 4*expiryTick).Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), "long", 1, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "short expires", func(ctx context.Context) bool { return client.Exists(ctx, "short").Val() == 0 })
	left, err := client.PTTL(t.Context(), "long").Result()
	if err != nil {
		t.Fatal(err)
	}
	// Redis tells a time to live in whole milliseconds, rounded down.
	if aged, most := time.Hour-left, time.Since(started)+time.Millisecond; aged < 4*expiryTick || aged > most {
		t.Errorf("a key aged by %v in at most %v, want at least the %v of the one that expired", aged, most, 4*expiryTick)
	}
}

func TestRedisDiesAndComesBack(t *testing.T) {
	s := startRedis(t, "leaky")
	url := s.URL("leaky")
	client := dial(t, url)
	if err := client.Set(t.Context(), "kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s.Stop()
	if err := client.Get(t.Context(), "kept").Err(); err == nil {
		t.Error("a stopped redis answers")
	}
	for range 2 {
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	if s.URL("leaky") != url {
		t.Errorf("URL after restart = %q, want %q", s.URL("leaky"), url)
	}
	eventually(t, "the same client is served again", func(ctx context.Context) bool {
		return client.Get(ctx, "kept").Val() == "yes"
	})
	// A blocking command waits for what comes, as it did before the restart.
	if err := client.BLPop(t.Context(), 50*time.Millisecond, "queue").Err(); err != redis.Nil {
		t.Errorf("BLPOP of an empty list after restart = %v, want a time-out", err)
	}
}

func TestCloseEndsTheRedis(t *testing.T) {
	s := startRedis(t, "leaky")
	client := dial(t, s.URL("leaky"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := client.Ping(t.Context()).Err(); err == nil {
		t.Error("a closed redis answers")
	}
	if err := s.Restart(); err == nil {
		t.Error("a closed redis restarts")
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}

func TestStartHonoursItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Redis{}).Start(ctx, nil); err != context.Canceled {
		t.Errorf("Redis.Start = %v, want %v", err, context.Canceled)
	}
	if _, err := (SQL{Dir: t.TempDir()}).Start(ctx, nil); err == nil {
		t.Error("SQL.Start with a cancelled context succeeds")
	}
}

// BenchmarkStart is both backends for the six variants of a run.
func BenchmarkStart(b *testing.B) {
	variants := []string{"a", "b", "c", "d", "e", "f"}
	dir := b.TempDir()
	for b.Loop() {
		redis, err := Redis{}.Start(b.Context(), variants)
		if err != nil {
			b.Fatal(err)
		}
		sql, err := SQL{Dir: dir}.Start(b.Context(), variants)
		if err != nil {
			b.Fatal(err)
		}
		redis.Close()
		sql.Close()
	}
}
