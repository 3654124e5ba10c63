package load

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/leaklab/leaklab/harness"
)

// maxBodyBytes bounds what is kept of an answer until it is checked. A longer
// one is read to its end, so that its connection stays open, and checked by its
// beginning.
const maxBodyBytes = 1 << 20

// minRate is the lowest rate: below it a segment is a wait, not a load.
const minRate harness.Rate = 1.0 / 3600

// Batch is the requests of a segment and how they are sent.
type Batch struct {
	// First and Count are the requests of the stream: First to First+Count−1.
	First, Count int
	// Rate is that of an open loop; at [harness.MaxRate] they are sent as fast as the
	// target answers.
	Rate harness.Rate
	// Reconnect has every request open a connection of its own, in the place of the
	// one that was there: as many as before are open at the end.
	Reconnect bool
	Patience  Patience
}

// Segment sends a batch that is sent to its end, over the connections that are
// open.
func (c *Client) Segment(ctx context.Context, first, count int, rate harness.Rate) (Result, error) {
	return c.Send(ctx, Batch{First: first, Count: count, Rate: rate})
}

// Send sends a batch and returns when all its requests are answered or have failed.
// At most one request a connection is under way; one whose connection is busy
// waits. Latencies of an open loop count from when a request was due, not from when
// it was sent (vegeta's own): a target that stalls delays all that should have been
// sent meanwhile, and to leave that out is the coordinated omission. Segments of
// one client must not overlap.
//
// Failed requests are counted, not returned. The error is for arguments out of
// range, for a ctx that ended, and [ErrGivenUp] where patience did: then requests
// under way are given up and not counted, and the result holds what was measured
// before.
func (c *Client) Send(ctx context.Context, b Batch) (Result, error) {
	first, count, rate := b.First, b.Count, b.Rate
	if first < 0 || count < 1 {
		return Result{}, fmt.Errorf("load: segment of %d requests from %d, want at least 1 from 0 or later", count, first)
	}
	if !(rate >= minRate) { // NaN too
		return Result{}, fmt.Errorf("load: rate = %s, want max or at least one request an hour", rate)
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	s := &segment{client: c, ctx: ctx, first: first, reconnect: b.Reconnect, placeholder: c.base.String()}
	workers := uint64(min(len(c.transport), count))
	attacker := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: s, CheckRedirect: keepRedirect}),
		vegeta.Workers(workers),
		vegeta.MaxWorkers(workers),
		vegeta.MaxBody(maxBodyBytes),
	)
	// What the HTTP client writes before an error names the placeholder.
	errorPrefix := fmt.Sprintf("Get %q: ", s.placeholder)
	var r Result
	began := time.Now()
	lastSent := began
	course := newCourse(b.Patience, int(workers), c.timeout, began)
	c.recent.begin(began)
	defer func() { c.recent.end(time.Now()) }()
	for hit := range attacker.Attack(s.target, pacer{ctx, uint64(count), rate}, 0, "") {
		if hit.Code == 0 && ctx.Err() != nil {
			continue
		}
		end, took := hit.End(), hit.Latency
		if late := hit.Timestamp.Sub(began) - due(hit.Seq, rate); late > 0 && !rate.IsMax() {
			hit.Latency += late
		}
		hit.Error = strings.TrimPrefix(hit.Error, errorPrefix)
		failed := !r.add(s.index(hit.Seq), hit, c.stream)
		c.recent.add(hit.Latency, failed)
		if course.over(end, took, failed) {
			giveUp(ErrGivenUp)
		}
		if hit.Timestamp.After(lastSent) {
			lastSent = hit.Timestamp
		}
	}
	if err := s.unanswered.Load(); err != nil {
		r.Unanswered = *err
	}
	r.ElapsedSeconds = time.Since(began).Seconds()
	r.SendingSeconds = lastSent.Sub(began).Seconds()
	r.ScheduleSeconds = float64(r.Requests) / float64(rate)
	if r.Requests < count {
		return r, fmt.Errorf("load: segment ended after %d of %d requests: %w", r.Requests, count, context.Cause(ctx))
	}
	return r, nil
}

// segment is the round tripper of one segment: it puts the stream's requests in
// the place of vegeta's.
//
// Note: a vegeta targeter that counts for itself would be the common way. But
// vegeta numbers a request and asks the targeter for it in two steps, so that
// under concurrency the two counts differ and an answer would be checked
// against another request. Here vegeta's own number, which it writes into a
// header, chooses the request. As the request is built anew, that header, which
// would make each replay unique, never leaves.
type segment struct {
	client *Client
	// ctx ends the requests under way: vegeta's have no context of their own.
	ctx         context.Context
	first       int
	reconnect   bool
	placeholder string // URL of vegeta's requests
	// unanswered is the first error of the network: vegeta keeps its text only.
	unanswered atomic.Pointer[error]
}

func (s *segment) index(seq uint64) int { return s.first + int(seq) }

// target makes the request that RoundTrip replaces.
func (s *segment) target(t *vegeta.Target) error {
	t.Method, t.URL = http.MethodGet, s.placeholder
	return nil
}

// RoundTrip sends the request of the stream that has the number of vegeta's.
func (s *segment) RoundTrip(numbered *http.Request) (*http.Response, error) {
	seq, err := strconv.ParseUint(numbered.Header.Get("X-Vegeta-Seq"), 10, 63)
	if err != nil {
		return nil, fmt.Errorf("number of the request: %w", err)
	}
	i := s.index(seq)
	ctx, cancel := context.WithTimeoutCause(s.ctx, s.client.timeout, s.client.errLate)
	req, err := s.client.request(ctx, i)
	if err != nil {
		cancel()
		return nil, err
	}
	transport := s.client.transport[i%len(s.client.transport)].Load()
	if s.reconnect {
		transport = s.client.reconnect(i)
	}
	done := func() {
		cancel()
		s.client.release(i, transport)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		if s.ctx.Err() == nil {
			s.unanswered.CompareAndSwap(nil, &err)
		}
		done()
		return nil, err
	}
	resp.Body = body{resp.Body, done}
	return resp, nil
}

// body releases what its request holds when it is closed.
type body struct {
	io.ReadCloser
	done func()
}

func (b body) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}

// keepRedirect makes a redirect the answer: following it would load something
// else, on another connection.
func keepRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
