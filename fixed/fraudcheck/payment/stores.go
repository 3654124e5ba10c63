package payment

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	// connections is how many connections a service holds to each of Redis and
	// SQL. Few: all are in use soon after the start, and the buffers that come
	// with each do not look like growth later.
	connections = 4
	// connectTimeout bounds a connection's start and each exchange with Redis. It
	// is below checkTimeout, so that the error says what did not answer.
	connectTimeout = time.Second
	// DefaultCacheTTL is how long a list of risky users is good for.
	DefaultCacheTTL = 300 * time.Second
)

// Config is where a fraud check finds its backends.
type Config struct {
	// RedisURL is a redis:// or rediss:// URL.
	RedisURL string
	// DatabaseURL is a postgres:// or postgresql:// URL, or the path or file: URL
	// of an SQLite database.
	DatabaseURL string
	// CacheTTL is how long the list stays in Redis. Zero: it is never cached, and
	// every look is a miss.
	CacheTTL time.Duration
}

// Stores are the backends of one service and its work in the background.
type Stores struct {
	Redis *redis.Client
	SQL   *sql.DB

	cacheTTL   time.Duration
	background sync.WaitGroup
}

// Open prepares the connections. It does not wait for the backends: one that is
// down shows in the answers, and is back when it is back. An error is a mistake
// in the configuration; it holds no password.
func Open(cfg Config) (*Stores, error) {
	if cfg.CacheTTL != 0 && cfg.CacheTTL < time.Millisecond {
		return nil, fmt.Errorf("cache ttl = %v, want 0 or at least 1ms", cfg.CacheTTL)
	}
	client, err := openRedis(cfg.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("redis url: %w", err)
	}
	db, err := OpenSQL(cfg.DatabaseURL)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database url: %w", err), client.Close())
	}
	return &Stores{Redis: client, SQL: db, cacheTTL: cfg.CacheTTL}, nil
}

// Close waits for the work in the background, which ends with the context of
// the service that was given to [Stores.Refresh], and closes the connections.
// End that context first.
func (s *Stores) Close() error {
	s.background.Wait()
	return errors.Join(s.Redis.Close(), s.SQL.Close())
}

func openRedis(address string) (*redis.Client, error) {
	options, err := redis.ParseURL(address)
	if bad, ok := errors.AsType[*url.Error](err); ok {
		err = bad.Err // without the URL, which may hold a password
	}
	if err != nil {
		return nil, err
	}
	options.PoolSize, options.MinIdleConns = connections, connections
	options.PipelinePoolSize = -1 // pipelines use the same few connections
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = connectTimeout, connectTimeout, connectTimeout
	options.PoolTimeout = connectTimeout
	options.ContextTimeoutEnabled = true
	// One attempt: the client of a payment may try again, we answer.
	options.MaxRetries, options.DialerRetries = -1, 1
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(options), nil
}

// OpenSQL prepares connections to the database at a [Config.DatabaseURL]. Like
// [Open] it does not wait for the database.
func OpenSQL(address string) (*sql.DB, error) {
	if address == "" {
		return nil, errors.New("empty, want a postgres:// URL or the path of an SQLite file")
	}
	var db *sql.DB
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		config, err := pgx.ParseConfig(address)
		if err != nil {
			return nil, err
		}
		config.ConnectTimeout = connectTimeout
		db = stdlib.OpenDB(*config)
	} else {
		var err error
		if db, err = sql.Open("sqlite", address); err != nil {
			return nil, err
		}
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}
