package load

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// testDeadline bounds every wait of a test for something that has to happen.
const testDeadline = 10 * time.Second

// numbered is a stream whose i-th request is POST /i with the body "i", and
// whose right answer is the body.
type numbered struct{}

func (numbered) Request(i int) harness.Request {
	return harness.Request{Method: http.MethodPost, Path: "/" + strconv.Itoa(i), Body: []byte(strconv.Itoa(i))}
}

func (numbered) Check(i, status int, body []byte) harness.Answer {
	if status == http.StatusOK && string(body) == strconv.Itoa(i) {
		return harness.Right
	}
	return harness.Wrong
}

// echo answers the numbered stream.
func echo(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.TrimPrefix(r.URL.Path, "/")) }

// server is a test server that counts its connections.
type server struct {
	*httptest.Server
	mu             sync.Mutex
	opened, closed int
}

func newServer(t testing.TB, handler http.HandlerFunc) *server {
	s := &server{Server: httptest.NewUnstartedServer(handler)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch state {
		case http.StateNew:
			s.opened++
		case http.StateClosed:
			s.closed++
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *server) connections() (opened, closed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened, s.closed
}

func newClient(t testing.TB, url string, stream harness.Stream, o Options) *Client {
	t.Helper()
	c, err := NewClient(url, stream, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func mustSegment(t testing.TB, c *Client, first, count int, rate harness.Rate) Result {
	t.Helper()
	r, err := c.Segment(t.Context(), first, count, rate)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
