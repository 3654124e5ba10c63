package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

const (
	// readyInterval is how often a service is asked whether it is ready, tryTime
	// bounds each time.
	readyInterval = 20 * time.Millisecond
	tryTime       = 2 * time.Second
)

// Readiness says when a service of the user's can be loaded. Its port must accept
// connections in any case.
type Readiness struct {
	// App is where the service is told to listen. Zero: it says so itself, by the
	// line LISTEN app=<address> probe=<address>, as one that uses [Serve].
	App netip.AddrPort
	// Also is where it is told to listen besides, if it is: for its profiles.
	Also netip.AddrPort
	// URL answers with a status below 400, if it is not empty; without a host it is
	// one of the service.
	URL string
	// Log is a text that the service writes, if it is not empty.
	Log string
	// Timeout bounds the wait. Zero: 30 s.
	Timeout time.Duration
}

func (r Readiness) announced() bool { return !r.App.IsValid() }

// await waits for all that r asks for and returns where the service listens. Its
// error says what it was waiting for, and why it no longer does.
func (r Readiness) await(ctx context.Context, begun *started, said *announcement, logged *textWatch) (addresses, error) {
	if err := wait(ctx, begun.known, "its guard"); err != nil {
		return addresses{}, err
	}
	at := addresses{app: r.App}
	if r.announced() {
		if err := wait(ctx, said.settled, "the line LISTEN app=<address> probe=<address>, as {{app_port}} stands neither in its command nor its env"); err != nil {
			return addresses{}, err
		}
		if at = said.addresses; said.err != nil {
			return addresses{}, said.err
		}
	}
	if err := wait(ctx, logged.found, fmt.Sprintf("%q in its output", r.Log)); err != nil {
		return addresses{}, err
	}
	if r.URL != "" {
		url := r.URL
		if url[0] == '/' {
			url = "http://" + at.app.String() + url
		}
		if err := poll(ctx, "an answer of "+url, func(ctx context.Context) error { return answers(ctx, url) }); err != nil {
			return addresses{}, err
		}
	}
	for _, address := range []netip.AddrPort{at.app, r.Also} {
		if address.IsValid() {
			if err := poll(ctx, "connections to be accepted at "+address.String(), func(ctx context.Context) error { return accepts(ctx, address) }); err != nil {
				return addresses{}, err
			}
		}
	}
	return at, nil
}

// wait waits for a channel to be closed.
func wait(ctx context.Context, known <-chan struct{}, what string) error {
	select {
	case <-known:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: waited for %s", context.Cause(ctx), what)
	}
}

// poll tries until it succeeds.
func poll(ctx context.Context, what string, try func(context.Context) error) error {
	ticks := time.NewTicker(readyInterval)
	defer ticks.Stop()
	last := errors.New("nothing yet")
	for {
		inTime, cancel := context.WithTimeout(ctx, tryTime)
		err := try(inTime)
		cancel()
		if err == nil {
			return nil
		}
		if late, ok := errors.AsType[net.Error](err); ctx.Err() == nil && !(ok && late.Timeout()) {
			last = err // one that was cut short says less than the one before
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: waited for %s: %v", context.Cause(ctx), what, last)
		}
	}
}

// answers asks a URL once. It follows no redirect, which may lead elsewhere.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// A connection of its own, closed at once: none is left for the measurement.
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("status %s", response.Status)
	}
	return nil
}

// accepts connects once.
func accepts(ctx context.Context, address netip.AddrPort) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address.String())
	if err != nil {
		return err
	}
	return conn.Close()
}
