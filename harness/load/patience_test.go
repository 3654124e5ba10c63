package load

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// ends is a number of requests that end one after the other.
type ends struct {
	count       int
	every, took time.Duration
	failed      bool
}

func TestPatience(t *testing.T) {
	const timeout = 10 * time.Second
	fast, slow := time.Millisecond, 3*time.Second
	for _, tt := range []struct {
		name string
		p    Patience
		ends []ends
		want int // the requests before patience ends, 0: it does not
	}{
		{"answers", UntilFailing, []ends{{5000, fast, fast, false}}, 0},
		{"slow answers", UntilFailing, []ends{{500, slow, slow, false}}, 0},
		{"stalls", UntilFailing, []ends{{2000, fast, fast, false}, {1, timeout, timeout, true}, {31, 0, timeout, true}}, 2016},
		{"refuses", UntilFailing, []ends{{2000, fast, fast, false}, {5000, fast, fast, true}}, 3000},
		{"refuses for a while", UntilFailing, []ends{{2000, fast, fast, false}, {900, fast, fast, true}, {2000, fast, fast, false}, {900, fast, fast, true}}, 0},
		{"refuses slowly", UntilFailing, []ends{{100, slow, slow, true}}, 16},
		{"fails from the start", UntilHung, []ends{{32, 0, timeout, true}}, 32},
		{"refuses from the start", UntilHung, []ends{{50_000, fast, fast, true}}, 0},
		{"one answer", UntilHung, []ends{{31, 0, timeout, true}, {1, 0, fast, false}, {320, 0, timeout, true}}, 0},
		{"whatever happens", Endless, []ends{{500, timeout, timeout, true}}, 0},
	} {
		began := time.Unix(0, 0)
		c, at, sent, over := newCourse(tt.p, 32, timeout, began), began, 0, 0
		for _, e := range tt.ends {
			for range e.count {
				at, sent = at.Add(e.every), sent+1
				if c.over(at, e.took, e.failed) && over == 0 {
					over = sent
				}
			}
		}
		if over != tt.want {
			t.Errorf("%s: given up after %d requests, want %d", tt.name, over, tt.want)
		}
	}
}

// A segment at whose beginning nothing is answered ends with the first timeouts.
func TestSegmentIsGivenUp(t *testing.T) {
	stuck := make(chan struct{})
	srv := newServer(t, func(http.ResponseWriter, *http.Request) { <-stuck })
	defer close(stuck)
	c := newClient(t, srv.URL, numbered{}, Options{Connections: 4, Timeout: 50 * time.Millisecond})
	r, err := c.Send(t.Context(), Batch{Count: 100_000, Rate: harness.MaxRate, Patience: UntilHung})
	if !errors.Is(err, ErrGivenUp) || r.Errors != r.Requests || r.Requests < 4 || r.Requests > 8 || !strings.Contains(r.FirstError, "no answer within") {
		t.Errorf("%+v, %v; want the requests of 4 connections, all timed out, and %v", r, err, ErrGivenUp)
	}
}
