package main

import (
	"crypto/rand"
	"sync"
	"time"
)

// Store holds the sessions of all customers by their id.
type Store struct {
	ttl      time.Duration
	mu       sync.Mutex
	sessions map[string]*session
}

type session struct {
	user   string
	basket []string
	seen   time.Time
}

// NewStore is a store whose sessions end after ttl without a request, or never.
func NewStore(ttl time.Duration) *Store {
	return &Store{ttl: ttl, sessions: map[string]*session{}}
}

// Create starts a session and returns its id.
func (s *Store) Create(user string) string {
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[id] = &session{user: user, basket: make([]string, 0, 16), seen: time.Now()}
	return id
}

// Add puts a product into the basket of a session, and tells whose it is and how
// many products are in it; false where there is no such session.
func (s *Store) Add(id, product string) (user string, products int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.sessions[id]
	if !ok {
		return "", 0, false
	}
	found.basket = append(found.basket, product)
	found.seen = time.Now()
	return found.user, len(found.basket), true
}

// Sweep removes sessions that have ended, for as long as the process lives.
// Without a ttl none ever does: that is the leak.
func (s *Store) Sweep() {
	if s.ttl == 0 {
		return
	}
	for range time.Tick(s.ttl / 4) {
		s.mu.Lock()
		for id, session := range s.sessions {
			if time.Since(session.seen) > s.ttl {
				delete(s.sessions, id)
			}
		}
		s.mu.Unlock()
	}
}
