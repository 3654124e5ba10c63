package gauge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/leaklab/leaklab/harness/probe"
)

// Caps, in bytes. A reading is about 450 bytes, a heap profile a few tens of KB;
// what answers more than this is no probe.
const (
	maxAnswer  = 64 << 10
	maxProfile = 64 << 20
	maxStacks  = 4 << 20
	maxExcerpt = 120 // of an unexpected answer in an error
)

// defaultTimeout bounds a call. The slowest one is a checkpoint: 2 s to drain
// and two collections, 0.4 s each at a live heap of 1 GB (2 cores, Go 1.26,
// 2026-11), so this suffices up to 30 GB. If it trips on a target that works,
// set [Gauge.Timeout].
const defaultTimeout = 30 * time.Second

// client keeps one connection alive. It takes no proxy from the environment, a
// probe refuses those, and follows no redirect. Certificates are checked as the
// configuration says, nil: by the roots of this machine.
func client(certificates *tls.Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			MaxConnsPerHost:    1,
			DisableCompression: true,
			TLSClientConfig:    certificates,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// read calls an endpoint and makes a value of its answer.
func read[T any](ctx context.Context, g *Gauge, method, endpoint string, parse func([]byte) (T, error)) (T, error) {
	var value T
	body, err := g.call(ctx, method, endpoint, maxAnswer)
	if err != nil {
		return value, err
	}
	if value, err = parse(body); err != nil {
		return value, g.failure(method, endpoint, err)
	}
	return value, nil
}

// call is the answer of an endpoint, of at most limit bytes.
func (g *Gauge) call(ctx context.Context, method, endpoint string, limit int) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, g.timeout(), silence(g.timeout()))
	defer cancel()
	response, err := open(ctx, g.control, method, g.url(endpoint))
	if err != nil {
		return nil, g.failure(method, endpoint, because(ctx, err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(limit)+1))
	if err != nil {
		err = fmt.Errorf("after %d bytes of the answer: %w", len(body), because(ctx, err))
		return nil, g.failure(method, endpoint, err)
	}
	if len(body) > limit {
		return nil, g.failure(method, endpoint, fmt.Errorf("answer is larger than %d bytes", limit))
	}
	return body, nil
}

// open sends a request and returns the response if its status is 200, with the
// body still to be read and closed.
func open(ctx context.Context, client *http.Client, method, target string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if e, ok := errors.AsType[*url.Error](err); ok {
		return nil, e.Err // what it adds, method and URL, a failure says anyway
	}
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		// Whatever can be read of the message is all there is to show.
		message, _ := io.ReadAll(io.LimitReader(response.Body, maxExcerpt+1))
		return nil, &statusError{response.StatusCode, fmt.Sprintf("status %s: %s", response.Status, excerpt(message))}
	}
	return response, nil
}

// statusError is an answer with a status other than 200.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

func (g *Gauge) timeout() time.Duration {
	if g.Timeout <= 0 {
		return defaultTimeout
	}
	return g.Timeout
}

func (g *Gauge) url(endpoint string) string { return g.base + probe.Path + endpoint }

// failure says which call to which target went wrong.
func (g *Gauge) failure(method, endpoint string, err error) error {
	return fmt.Errorf("gauge: target %d: %s %s: %w", g.pid, method, g.url(endpoint), err)
}

// silence is the error of a target that says nothing for a time.
func silence(limit time.Duration) error {
	return fmt.Errorf("target is silent for %v: %w", limit, context.DeadlineExceeded)
}

// because is why the context ended if it has, else the error.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// excerpt is the beginning of an answer, quoted, for an error.
func excerpt(body []byte) string {
	if len(body) > maxExcerpt {
		return fmt.Sprintf("%q...", body[:maxExcerpt])
	}
	return fmt.Sprintf("%q", body)
}
