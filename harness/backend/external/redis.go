package external

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/leaklab/leaklab/harness/backend"
)

// Redis uses a server that is running. Variants get databases of their own, from
// the URL's number on; all of them must be empty.
type Redis struct {
	// URL is redis://, rediss:// or unix://, as go-redis reads it.
	URL string
}

// Start claims a database for each variant.
func (r Redis) Start(ctx context.Context, variants []string) (backend.Service, error) {
	const want = "redis://[user:password@]host[:port][/database]"
	options, err := redis.ParseURL(r.URL)
	if err != nil {
		return nil, fmt.Errorf("external redis: %w", malformed(r.URL, want, err))
	}
	parsed, err := url.Parse(r.URL)
	if err != nil {
		return nil, fmt.Errorf("external redis: %w", malformed(r.URL, want, err))
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if err := knock(ctx, options); err != nil {
		return nil, fmt.Errorf("external redis: %w", unreachable(r.URL, "redis-url", err))
	}
	s := &redisService{databases: make(map[string]*database)}
	for i, variant := range variants {
		db := newDatabase(*options, options.DB+i)
		db.url = withDatabase(*parsed, db.number)
		if err := db.claim(ctx); err != nil {
			err = r.explain(err, options.DB, len(variants))
			return nil, fmt.Errorf("external redis: %w", errors.Join(err, db.client.Close(), s.Close()))
		}
		s.databases[variant] = db
	}
	return s, nil
}

// knock sees whether anybody listens. A failed dial of go-redis is an error too,
// but goes to standard error first, by a logger that the whole program shares.
func knock(ctx context.Context, options *redis.Options) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, options.Network, options.Addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

// explain turns a refusal to claim into what the user can do about it.
func (r Redis) explain(err error, first, count int) error {
	switch {
	case errors.As(err, new(*takenError)):
		return err
	case redis.HasErrorPrefix(err, "DB index is out of range"):
		return fmt.Errorf("%s has too few databases: the run needs %d to %d, one for each of %d variants; set `databases %d` in redis.conf, or start from a lower number in the URL",
			backend.Redact(r.URL), first, first+count-1, count, first+count)
	}
	return unreachable(r.URL, "redis-url", err)
}

// withDatabase is the URL with another database number.
func withDatabase(u url.URL, number int) string {
	query := u.Query()
	if u.Scheme == "unix" { // the path is the socket's
		query.Set("db", strconv.Itoa(number))
	} else {
		query.Del("db")
		u.Path, u.RawPath = "/"+strconv.Itoa(number), ""
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// clientOptions is those of a client that does what it is told, once: retries
// would hide a server that is going away, and make a claim meet itself.
func clientOptions(options redis.Options, number int) *redis.Options {
	options.DB = number
	options.MaxRetries = -1
	options.DialerRetries = 1
	options.ContextTimeoutEnabled = true
	options.PoolSize, options.PipelinePoolSize = 1, -1
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &options
}

type redisService struct{ databases map[string]*database }

// URL is the variant's own database, empty for a variant that was not named at
// the start.
func (s *redisService) URL(variant string) string {
	if db := s.databases[variant]; db != nil {
		return db.url
	}
	return ""
}

// MemoryBytes is what the keys and values of the variant's database take by
// themselves, as MEMORY USAGE tells: all elements counted, the server's own
// overhead and fragmentation not. (INFO memory is of the whole server, with all
// databases and whoever else uses it.) It is nil where the server does not know
// the command or does not allow it.
func (s *redisService) MemoryBytes(ctx context.Context, variant string) (*int64, error) {
	db := s.databases[variant]
	if db == nil {
		return nil, nil
	}
	return db.memory(ctx)
}

// Close empties the databases that were claimed.
func (s *redisService) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	var errs []error
	for _, variant := range slices.Sorted(maps.Keys(s.databases)) {
		errs = append(errs, s.databases[variant].release(ctx))
	}
	clear(s.databases)
	return errors.Join(errs...)
}
