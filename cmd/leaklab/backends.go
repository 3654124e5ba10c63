package main

import (
	"errors"
	"fmt"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/containers"
	"github.com/leaklab/leaklab/harness/backend/embedded"
	"github.com/leaklab/leaklab/harness/backend/external"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/pflag"
)

// backendOptions are the flags that choose where the backends come from.
type backendOptions struct {
	from             string
	redisURL, sqlURL string
}

func (o *backendOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.from, "backend", "", "take Redis and SQL from `SOURCE`: embedded, external or containers (--set backends.redis, backends.sql)")
	flags.StringVar(&o.redisURL, "redis-url", "", "use the Redis at `URL` rather than the embedded one")
	flags.StringVar(&o.sqlURL, "database-url", "", "use the Postgres at `URL`, or that SQLite file, rather than the embedded one")
}

// sets are the scenario's keys that the flags override. A URL says more than
// --backend does.
func (o backendOptions) sets() []scenarios.Set {
	var sets []scenarios.Set
	for _, b := range []struct{ key, url string }{{"backends.redis", o.redisURL}, {"backends.sql", o.sqlURL}} {
		switch {
		case b.url != "":
			sets = append(sets, scenarios.Set{Key: b.key, Value: harness.External})
		case o.from != "":
			sets = append(sets, scenarios.Set{Key: b.key, Value: o.from})
		}
	}
	return sets
}

// check reports what is missing for the backends that a scenario chooses.
func (o backendOptions) check(b harness.Backends) error {
	if _, err := redis.ParseURL(o.redisURL); o.redisURL != "" && err != nil {
		return fmt.Errorf("--redis-url: %w, want one such as redis://127.0.0.1:6379/0", backend.RedactError(err, o.redisURL))
	}
	if b.Redis == harness.External && o.redisURL == "" {
		return errors.New("backends.redis = external, want --redis-url with it")
	}
	if b.SQL == harness.External && o.sqlURL == "" {
		return errors.New("backends.sql = external, want --database-url with it")
	}
	return nil
}

// sources is where the backends that a scenario chooses come from.
func (o backendOptions) sources(b harness.Backends) backend.Sources {
	from := backend.Sources{Redis: embedded.Redis{}, SQL: embedded.SQL{}}
	switch b.Redis {
	case harness.External:
		from.Redis = external.Redis{URL: o.redisURL}
	case harness.Containers:
		from.Redis = containers.Redis{Image: b.RedisImage}
	}
	switch b.SQL {
	case harness.External:
		from.SQL = external.SQL{URL: o.sqlURL}
	case harness.Containers:
		from.SQL = containers.SQL{Image: b.SQLImage}
	}
	return from
}
