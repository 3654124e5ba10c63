package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/leaklab/leaklab/harness/backend"
)

// expiryTick is how late a key may expire. Time to live does not run by itself
// in miniredis.
//
// Note: miniredis.ClockTTL expires on time, but walks all keys with a time to
// live of all databases at every command; a tick does so ten times a second,
// whatever the load.
const expiryTick = 100 * time.Millisecond

// Redis starts a miniredis on a free port of 127.0.0.1: the real protocol over
// real connections. Each variant has a database of its own.
type Redis struct{}

// Start starts the server.
func (Redis) Start(ctx context.Context, variants []string) (backend.Service, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("embedded redis: listen on 127.0.0.1: %w", err)
	}
	s := &RedisService{server: server, address: server.Addr(), database: make(map[string]int), closing: make(chan struct{})}
	for i, variant := range variants {
		s.database[variant] = i
	}
	s.expiry.Go(s.expire)
	return s, nil
}

// RedisService is a running embedded Redis. Stop and Restart are for tests of
// what targets do when their Redis goes away.
type RedisService struct {
	address  string
	database map[string]int
	closing  chan struct{}
	expiry   sync.WaitGroup

	mu     sync.Mutex // guards what follows; server's own lock guards its data
	server *miniredis.Miniredis
	down   bool
	closed bool
}

// URL is the variant's own database, empty for a variant that was not named at
// the start.
func (s *RedisService) URL(variant string) string {
	database, ok := s.database[variant]
	if !ok {
		return ""
	}
	return fmt.Sprintf("redis://%s/%d", s.address, database)
}

// MemoryBytes tells nothing: what the data take in miniredis says nothing about
// a Redis.
func (s *RedisService) MemoryBytes(context.Context, string) (*int64, error) { return nil, nil }

// Stop closes the port and every connection. The data stay, and age.
func (s *RedisService) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *RedisService) stop() {
	if !s.down {
		s.server.Close()
		s.down = true
	}
}

// Restart listens on the same port again, with the data as they were. It is an
// error once the service is closed, or when another process has taken the port.
func (s *RedisService) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errors.New("embedded redis: restart after close")
	case !s.down:
		return nil
	}
	// Close has cancelled the context that blocking commands wait under.
	s.server.Ctx, s.server.CtxCancel = context.WithCancel(context.Background())
	if err := s.server.Restart(); err != nil {
		return fmt.Errorf("embedded redis: listen on %s again: %w", s.address, err)
	}
	s.down = false
	return nil
}

// Close stops the server and waits for all that it runs. A second one does
// nothing.
func (s *RedisService) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.closing)
	s.expiry.Wait()
	s.stop()
	return nil
}

// expire ages the keys by the time that passed, until the service closes.
func (s *RedisService) expire() {
	tick := time.NewTicker(expiryTick)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			now := time.Now()
			s.server.FastForward(now.Sub(last))
			last = now
		}
	}
}
