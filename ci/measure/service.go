package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/leaklab/leaklab/harness"
)

// service is a small service of known shape.
type service struct {
	name, about string
	make        func() step
}

// step answers one request: the n-th that the service got, from 1, for a key.
// Steps are safe for concurrent use.
type step func(w io.Writer, n, key int)

// guarded makes a step safe that is not: one request at a time.
func guarded(do func(n, key int)) step {
	var mu sync.Mutex
	return func(_ io.Writer, n, key int) {
		mu.Lock()
		defer mu.Unlock()
		do(n, key)
	}
}

// newHandler makes the service that a target's configuration names.
func newHandler(_ context.Context, config json.RawMessage) (http.Handler, func() error, error) {
	var name string
	if err := json.Unmarshal(config, &name); err != nil {
		return nil, nil, fmt.Errorf("configuration of the target: %w", err)
	}
	all := slices.Concat(cleanShapes(), leaks())
	i := slices.IndexFunc(all, func(s service) bool { return s.name == name })
	if i < 0 {
		return nil, nil, fmt.Errorf("no service %q", name)
	}
	do := all[i].make()
	var served atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, err := strconv.Atoi(r.URL.Query().Get("key"))
		if err != nil {
			http.Error(w, "key: want a number", http.StatusBadRequest)
			return
		}
		do(w, int(served.Add(1)), key)
	}), nil, nil
}

// stream asks for a new key with each request.
type stream struct{}

func (stream) Request(i int) harness.Request {
	return harness.Request{Method: http.MethodGet, Path: "/?key=" + strconv.Itoa(i)}
}

func (stream) Check(_, status int, _ []byte) harness.Answer {
	if status == http.StatusOK {
		return harness.Right
	}
	return harness.Wrong
}
