// Package backend starts what the variants of a scenario need, a Redis and an
// SQL database, outside the targets' processes so that their memory is not the
// targets', and removes it afterwards. It is an interface and its orchestration;
// the sources are its subpackages. It stands before the targets in the flow.
package backend

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Needs says which backends the variants of a scenario need.
type Needs struct {
	Redis, SQL bool
}

// Source starts one backend for a number of variants.
type Source interface {
	// Start makes a backend ready within ctx. On an error nothing is left behind.
	Start(ctx context.Context, variants []string) (Service, error)
}

// Service is a running backend.
type Service interface {
	// URL is where a variant finds its own part of the backend. It may hold a
	// password: print it through [Redact].
	URL(variant string) string
	// MemoryBytes is what the variant's data take in the backend, or nil where
	// the backend does not tell.
	MemoryBytes(ctx context.Context, variant string) (*int64, error)
	// Close stops what was started and removes what was made.
	Close() error
}

// Sources is where each backend comes from. A nil source is one that was not
// chosen.
type Sources struct {
	Redis, SQL Source
}

// Endpoints is where one variant finds its backends. An empty URL is a backend
// that was not needed. URLs may hold passwords: print them through [Redact].
type Endpoints struct {
	RedisURL    string `json:"redis_url,omitzero"`
	DatabaseURL string `json:"database_url,omitzero"`
}

// Set is the running backends of a scenario.
type Set struct {
	redis, sql Service
}

// Start starts the needed backends in parallel. On an error all are closed.
func Start(ctx context.Context, from Sources, needs Needs, variants []string) (*Set, error) {
	var set Set
	g, ctx := errgroup.WithContext(ctx)
	start := func(name string, needed bool, source Source, service *Service) {
		if !needed {
			return
		}
		g.Go(func() error {
			if source == nil {
				return fmt.Errorf("backend %s: needed, but no source is chosen", name)
			}
			s, err := source.Start(ctx, variants)
			if err != nil {
				return fmt.Errorf("backend %s: %w", name, err)
			}
			*service = s
			return nil
		})
	}
	start("redis", needs.Redis, from.Redis, &set.redis)
	start("sql", needs.SQL, from.SQL, &set.sql)
	if err := g.Wait(); err != nil {
		return nil, errors.Join(err, set.Close())
	}
	return &set, nil
}

// Endpoints is where a variant finds its backends.
func (s *Set) Endpoints(variant string) Endpoints {
	var e Endpoints
	if s.redis != nil {
		e.RedisURL = s.redis.URL(variant)
	}
	if s.sql != nil {
		e.DatabaseURL = s.sql.URL(variant)
	}
	return e
}

// RedisBytes is what a variant's data take in its Redis, or nil where there is
// none or it does not tell.
func (s *Set) RedisBytes(ctx context.Context, variant string) (*int64, error) {
	if s.redis == nil {
		return nil, nil
	}
	return s.redis.MemoryBytes(ctx, variant)
}

// Close closes every backend that was started.
func (s *Set) Close() error {
	var errs []error
	for _, service := range []Service{s.redis, s.sql} {
		if service != nil {
			errs = append(errs, service.Close())
		}
	}
	return errors.Join(errs...)
}
