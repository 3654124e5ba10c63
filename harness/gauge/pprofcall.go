package gauge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// pprofPath is where net/http/pprof serves.
const pprofPath = "/debug/pprof"

// The heap pages. One with gc=1 runs exactly one collection before it is
// written; one is enough for the profile, pools and finalizers need two.
const (
	heapPage      = "heap?debug=1"
	collectedPage = "heap?gc=1&debug=1"
)

// pprofBase is the address of the profiles, without a slash at its end.
func pprofBase(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("gauge: pprof: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("gauge: pprof %q: want scheme, host, port and at most a path, such as http://127.0.0.1:6060", u.Redacted())
	}
	path := strings.TrimSuffix(strings.TrimRight(u.EscapedPath(), "/"), pprofPath)
	return u.Scheme + "://" + u.Host + path + pprofPath, nil
}

// HeapProfile is the service's heap profile as go tool pprof reads it: gzipped,
// at most 64 MiB. Right after a checkpoint it is exact. The first one of a
// service fills caches: take one to throw away before the first checkpoint.
func (p *Pprof) HeapProfile(ctx context.Context) ([]byte, error) { return p.profile(ctx, "heap") }

// GoroutineProfile is the service's goroutine profile as go tool pprof reads it:
// gzipped, at most 64 MiB.
func (p *Pprof) GoroutineProfile(ctx context.Context) ([]byte, error) {
	return p.profile(ctx, "goroutine")
}

// GoroutineLeakProfile is the service's profile of leaked goroutines as go tool
// pprof reads it: gzipped, at most 64 MiB; nil, without an error, where its
// runtime has none. It costs the service a collection.
func (p *Pprof) GoroutineLeakProfile(ctx context.Context) ([]byte, error) {
	body, err := p.profile(ctx, "goroutineleak")
	if e, ok := errors.AsType[*statusError](err); ok && e.code == http.StatusNotFound {
		return nil, nil
	}
	return body, err
}

// GoroutineStacks is the text of the stacks of all the service's goroutines, cut
// off at 4 MiB. The service stands still while it is written.
func (p *Pprof) GoroutineStacks(ctx context.Context) ([]byte, error) {
	body, err := p.read(ctx, "goroutine?debug=2", maxStacks)
	return body[:min(len(body), maxStacks)], err
}

func (p *Pprof) profile(ctx context.Context, name string) ([]byte, error) {
	body, err := p.get(ctx, name, maxProfile)
	if err == nil && (len(body) < 2 || body[0] != 0x1f || body[1] != 0x8b) {
		return nil, p.failure(name, fmt.Errorf("answer is no gzipped profile: %s", excerpt(body)))
	}
	return body, err
}

// page reads a heap page.
func (p *Pprof) page(ctx context.Context, endpoint string) (memStats, error) {
	body, err := p.get(ctx, endpoint, maxProfile)
	if err != nil {
		return memStats{}, err
	}
	m, err := parseHeapPage(body)
	if err != nil {
		return memStats{}, p.failure(endpoint, err)
	}
	p.seen.Store(true)
	return m, nil
}

// get is the answer of an endpoint, of at most limit bytes.
func (p *Pprof) get(ctx context.Context, endpoint string, limit int) ([]byte, error) {
	body, err := p.read(ctx, endpoint, limit)
	if err == nil && len(body) > limit {
		return nil, p.failure(endpoint, fmt.Errorf("answer is larger than %d bytes", limit))
	}
	return body, err
}

// read is the answer of an endpoint as far as a byte past the limit. A service
// that was there and is gone is asked again for a while: who restarts it does so
// at once, and then its figures tell.
func (p *Pprof) read(ctx context.Context, endpoint string, limit int) ([]byte, error) {
	back := time.Now().Add(p.comeback)
	for {
		body, err := p.readOnce(ctx, endpoint, limit)
		if err == nil || !p.seen.Load() || !broken(err) || ctx.Err() != nil || time.Now().After(back) {
			return body, err
		}
		time.Sleep(p.comeback / 20)
	}
}

func (p *Pprof) readOnce(ctx context.Context, endpoint string, limit int) ([]byte, error) {
	timeout := cmp.Or(max(p.Timeout, 0), defaultTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, silence(timeout))
	defer cancel()
	response, err := open(ctx, p.client, http.MethodGet, p.url(endpoint))
	if err != nil {
		return nil, p.failure(endpoint, because(ctx, err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(limit)+1))
	if err != nil {
		return nil, p.failure(endpoint, fmt.Errorf("after %d bytes of the answer: %w", len(body), because(ctx, err)))
	}
	return body, nil
}

func (p *Pprof) url(endpoint string) string { return p.base + "/" + endpoint }

// failure says which call went wrong.
func (p *Pprof) failure(endpoint string, err error) error {
	if refused(err) {
		err = fmt.Errorf("%w: %w", ErrGone, err)
	}
	return fmt.Errorf("gauge: GET %s: %w", p.url(endpoint), err)
}
