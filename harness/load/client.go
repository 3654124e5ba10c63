// Package load sends a scenario's requests to a target, one segment at a time,
// over a constant number of connections that stay open between segments, and
// says how the target answered. vegeta paces and times the requests; what is
// sent, over which connection, and what an answer is worth is decided here.
//
// It refuses to leave this machine unless that is allowed, to follow redirects,
// and to judge: how many errors, wrong answers or missed requests a second are
// too many is the caller's decision. It stands between the targets and the
// checkpoints in the flow.
package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// maxConnections bounds the connections to one target: each takes a port of
// this machine's some 28 000 ephemeral ones.
const maxConnections = 10_000

// defaultTimeout is that of [harness.DefaultLoad].
const defaultTimeout = 10 * time.Second

// Options says how a client reaches its target.
type Options struct {
	// Connections is the number of connections held open, 1 to 10 000.
	Connections int
	// Timeout bounds a single request, from its turn to the end of its answer,
	// the wait for its connection included. Zero: 10 s.
	Timeout time.Duration
	// AllowRemote permits a target that is not on a loopback address.
	AllowRemote bool
	// TLS is how the certificate of an HTTPS target is checked. Nil: by the roots
	// of this machine.
	TLS *tls.Config
}

func (o Options) validate() error {
	var errs []error
	if o.Connections < 1 || o.Connections > maxConnections {
		errs = append(errs, fmt.Errorf("load: connections = %d, want 1 to %d", o.Connections, maxConnections))
	}
	if o.Timeout < 0 {
		errs = append(errs, fmt.Errorf("load: timeout = %s, want above 0", o.Timeout))
	}
	return errors.Join(errs...)
}

// Client loads one target with the requests of one stream. Request i goes over
// connection i mod N, always, so that a replayed request comes from the peer
// that sent it first: a target may keep state per peer. All N connections are
// open once N consecutive requests were sent.
type Client struct {
	base    *url.URL // its path has no slash at its end
	stream  harness.Stream
	timeout time.Duration
	tls     *tls.Config
	errLate error
	// transport holds one connection each. A segment that reconnects replaces them.
	transport []atomic.Pointer[http.Transport]
	recent    recent
}

// NewClient returns a client of the target at baseURL, such as
// "http://127.0.0.1:8080", which must be a loopback address unless the options
// allow another. The stream's paths are below the path of baseURL. It connects
// with the first segment.
func NewClient(baseURL string, stream harness.Stream, o Options) (*Client, error) {
	base, err := parseBase(baseURL, o.AllowRemote)
	if err := errors.Join(err, o.validate()); err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	c := &Client{
		base:      base,
		stream:    stream,
		timeout:   o.Timeout,
		tls:       o.TLS,
		errLate:   fmt.Errorf("no answer within %s", o.Timeout),
		transport: make([]atomic.Pointer[http.Transport], o.Connections),
	}
	for i := range c.transport {
		c.transport[i].Store(newTransport(o.Timeout, o.TLS))
	}
	return c, nil
}

// Close closes all connections. No segment may be running; a later one would
// connect again.
func (c *Client) Close() {
	for i := range c.transport {
		c.transport[i].Load().CloseIdleConnections()
	}
}

// reconnect puts a transport that has no connection yet in the place of the i-th
// request's, whose connection closes once nothing uses it any more.
func (c *Client) reconnect(i int) *http.Transport {
	fresh := newTransport(c.timeout, c.tls)
	c.transport[i%len(c.transport)].Swap(fresh).CloseIdleConnections()
	return fresh
}

// release closes the transport's connection if another has taken its place
// meanwhile.
func (c *Client) release(i int, t *http.Transport) {
	if c.transport[i%len(c.transport)].Load() != t {
		t.CloseIdleConnections()
	}
}

// newTransport returns a transport that holds one connection, forever, and adds
// nothing of its own to a request or an answer.
func newTransport(dialTimeout time.Duration, certificates *tls.Config) *http.Transport {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		Protocols:           &http1,
		TLSClientConfig:     certificates,
		MaxConnsPerHost:     1,
		MaxIdleConnsPerHost: 1,
		DisableCompression:  true,
	}
}

// request makes the i-th request of the stream. The stream names a path only:
// it cannot choose another host.
func (c *Client) request(ctx context.Context, i int) (*http.Request, error) {
	r := c.stream.Request(i)
	u, err := url.ParseRequestURI(r.Path)
	if err != nil || u.Host != "" || u.Opaque != "" {
		return nil, fmt.Errorf("%q is not a path: want one that begins with a slash", r.Path)
	}
	if u, err = url.ParseRequestURI(c.base.EscapedPath() + r.Path); err != nil {
		return nil, err
	}
	u.Scheme, u.Host = c.base.Scheme, c.base.Host
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		req.Header = r.Header // read, never written, by a transport
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	return req, nil
}

func parseBase(text string, allowRemote bool) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("load: target: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("load: target %q: want scheme, host, port and at most a path, such as http://127.0.0.1:8080", withoutQuery(u))
	}
	if !allowRemote && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("load: target %q: not a loopback address: load stays on this machine unless it is allowed to leave", text)
	}
	base := &url.URL{Scheme: u.Scheme, Host: u.Host}
	return base.Parse(strings.TrimRight(u.EscapedPath(), "/"))
}

// withoutQuery is a URL for an error: without what may be a secret.
func withoutQuery(u *url.URL) string {
	shown := *u
	shown.RawQuery, shown.Fragment, shown.RawFragment = "", "", ""
	return shown.Redacted()
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}
