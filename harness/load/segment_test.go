package load

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestSegmentSendsEachRequestOnce(t *testing.T) {
	for _, rate := range []harness.Rate{5000, harness.MaxRate} {
		var seen [50]atomic.Int32
		srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			var i int
			for _, digit := range r.URL.Path[1:] {
				i = 10*i + int(digit-'0')
			}
			seen[i].Add(1)
			echo(w, r)
		})
		r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 7}), 10, 33, rate)
		for i := range seen {
			want := int32(0)
			if i >= 10 && i < 43 {
				want = 1
			}
			if got := seen[i].Load(); got != want {
				t.Errorf("rate %s: request %d was sent %d times, want %d", rate, i, got, want)
			}
		}
		want := harness.LoadResult{
			Requests: 33, RatePerSecond: r.RatePerSecond(), Statuses: map[int]int{200: 33},
			LatencyP50Seconds: r.Latencies.seconds(0.5), LatencyP99Seconds: r.Latencies.seconds(0.99),
		}
		if diff := cmp.Diff(want, r.LoadResult()); diff != "" || want.LatencyP50Seconds == nil {
			t.Errorf("rate %s: load (-want +got):\n%s", rate, diff)
		}
		if diff := cmp.Diff(harness.Answers{Checked: 33}, r.Answers(false)); diff != "" {
			t.Errorf("rate %s: answers (-want +got):\n%s", rate, diff)
		}
	}
}

func TestErrorsAreCountedAndNotChecked(t *testing.T) {
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/1":
			http.Error(w, "no backend", http.StatusServiceUnavailable)
		case "/2":
			http.Error(w, "not found", http.StatusNotFound)
		case "/3":
			panic(http.ErrAbortHandler)
		default:
			echo(w, r)
		}
	})
	r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 5, harness.MaxRate)
	if want := map[int]int{200: 2, 404: 1, 503: 1, 0: 1}; !cmp.Equal(want, r.Statuses) || r.Errors != 2 {
		t.Errorf("statuses %v with %d errors, want %v with 2", r.Statuses, r.Errors, want)
	}
	if want := (harness.Answers{Checked: 3, Wrong: 1}); r.Answers(false) != want {
		t.Errorf("answers %+v, want %+v: the 404 is wrong, the errors are not checked", r.Answers(false), want)
	}
	if want := `request 1, POST /1: 503 Service Unavailable: "no backend\n"`; r.FirstError != want {
		t.Errorf("first error %q, want %q", r.FirstError, want)
	}
}

func TestReconnectOpensAConnectionForEachRequest(t *testing.T) {
	var peers sync.Map
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		peers.Store(r.RemoteAddr, true)
		echo(w, r)
	})
	c := newClient(t, srv.URL, numbered{}, Options{Connections: 4})
	count := func() (n int) {
		peers.Range(func(any, any) bool { n++; return true })
		return n
	}
	mustSegment(t, c, 0, 40, harness.MaxRate)
	if n := count(); n != 4 {
		t.Fatalf("a segment came over %d connections, want 4", n)
	}
	if r, err := c.Send(t.Context(), Batch{Count: 40, Rate: harness.MaxRate, Reconnect: true}); err != nil || r.Errors > 0 || r.Requests != 40 {
		t.Fatalf("%+v, %v", r, err)
	}
	if n := count(); n != 44 {
		t.Errorf("40 reconnects opened %d connections, want 40", n-4)
	}
	mustSegment(t, c, 0, 40, harness.MaxRate)
	if n := count(); n != 44 {
		t.Errorf("a segment after it opened %d connections, want none", n-44)
	}
}

// A target that stalls delays what was due meanwhile, though nothing of it was sent.
func TestLatencyCountsFromWhenARequestWasDue(t *testing.T) {
	const stall = 300 * time.Millisecond
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/0" {
			time.Sleep(stall)
		}
		echo(w, r)
	})
	r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 20, 1000)
	if p50 := *r.Latencies.seconds(0.5); p50 < stall.Seconds()-0.05 {
		t.Errorf("p50 %v s of requests that were due in the first 20 ms of a stall of %v", p50, stall)
	}
	closed := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 20, harness.MaxRate)
	if p50 := *closed.Latencies.seconds(0.5); p50 > stall.Seconds()/2 {
		t.Errorf("p50 %v s of a closed loop, in which nothing is due", p50)
	}
}

func TestDeadTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r := mustSegment(t, newClient(t, "http://"+l.Addr().String(), numbered{}, Options{Connections: 4}), 0, 20, harness.MaxRate)
	if r.Requests != 20 || r.Errors != 20 || r.Statuses[0] != 20 {
		t.Errorf("%+v, want 20 requests, all of them errors", r)
	}
	if want := regexp.MustCompile(`^request \d+, POST /\d+: dial tcp `); !want.MatchString(r.FirstError) {
		t.Errorf("first error %q, want one that matches %s", r.FirstError, want)
	}
	if refused := new(net.OpError); !errors.As(r.Unanswered, &refused) || refused.Op != "dial" {
		t.Errorf("unanswered by %v, want what the network said", r.Unanswered)
	}
	if l := r.LoadResult(); l.LatencyP50Seconds != nil || l.LatencyP99Seconds != nil {
		t.Error("latencies of a target that answered nothing, want none")
	}
}

func TestSlowTarget(t *testing.T) {
	release := make(chan struct{})
	srv := newServer(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 2, Timeout: 20 * time.Millisecond}), 0, 4, harness.MaxRate)
	if r.Requests != 4 || r.Errors != 4 {
		t.Errorf("%d requests with %d errors, want 4 with 4", r.Requests, r.Errors)
	}
	if want := "no answer within 20ms"; !strings.Contains(r.FirstError, want) {
		t.Errorf("first error %q, want one with %q", r.FirstError, want)
	}
}

func TestTimeoutCoversTheBody(t *testing.T) {
	release := make(chan struct{})
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-release
	})
	t.Cleanup(func() { close(release) })
	r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1, Timeout: 20 * time.Millisecond}), 0, 1, harness.MaxRate)
	if r.Errors != 1 || r.Statuses[0] != 1 {
		t.Errorf("%+v, want an answer that stops halfway to be an error", r)
	}
}

func TestCancel(t *testing.T) {
	cause := errors.New("ceiling reached")
	for name, rate := range map[string]harness.Rate{
		"while requests are under way":  harness.MaxRate,
		"while the next one is not due": minRate,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/3" {
					_, _ = io.Copy(io.Discard, r.Body) // only then does the server see its peer leave
					cancel(cause)
					select {
					case <-r.Context().Done():
					case <-time.After(testDeadline):
						t.Error("the request under way was not given up")
					}
				}
				echo(w, r)
			})
			if rate == minRate {
				cancel(cause)
			}
			c := newClient(t, srv.URL, numbered{}, Options{Connections: 1})
			began := time.Now()
			r, err := c.Segment(ctx, 0, 1000, rate)
			if !errors.Is(err, cause) {
				t.Errorf("error %v, want %v", err, cause)
			}
			if took := time.Since(began); took > testDeadline/2 {
				t.Errorf("took %s to stop", took)
			}
			want := 3
			if rate == minRate {
				want = 0
			}
			if r.Requests != want || r.Errors != 0 || r.Answers(false).Checked != want {
				t.Errorf("%+v, want the %d answers before the end and nothing of the request that it cut off", r, want)
			}
		})
	}
}

func TestRedirectIsTheAnswer(t *testing.T) {
	var followed atomic.Bool
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed.Store(true)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 1, harness.MaxRate)
	if followed.Load() || r.Statuses[http.StatusFound] != 1 || r.Errors != 0 {
		t.Errorf("followed %t, statuses %v, %d errors, want a 302 that is no error", followed.Load(), r.Statuses, r.Errors)
	}
}

func TestLongAnswerKeepsItsConnection(t *testing.T) {
	long := make([]byte, maxBodyBytes+1)
	srv := newServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(long) })
	mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 3, harness.MaxRate)
	if opened, closed := srv.connections(); opened != 1 || closed != 0 {
		t.Errorf("opened %d and closed %d connections, want 1 and 0", opened, closed)
	}
}

func TestRateIsHeld(t *testing.T) {
	srv := newServer(t, echo)
	c := newClient(t, srv.URL, numbered{}, Options{Connections: 10})
	const rate, tries = 200, 3
	for try := 1; ; try++ {
		r := mustSegment(t, c, 0, rate, rate) // a second
		got := r.RatePerSecond()
		if got > 1.2*rate {
			t.Fatalf("%.0f requests/s, want at most %d: the pacer is early", got, rate)
		}
		if got >= 0.8*rate && r.Lag() <= 0.25 {
			return
		}
		if try == tries { // a machine that stalls once is not the pacer's fault
			t.Fatalf("%.0f requests/s with a lag of %.2f in the last of %d tries, want %d ± 20 %%", got, r.Lag(), tries, rate)
		}
	}
}

func TestMissedRateShows(t *testing.T) {
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(5 * time.Millisecond) // 200 requests/s at most over one connection
		echo(w, r)
	})
	r := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 40, 2000)
	if r.Lag() < 1 || r.RatePerSecond() > 1000 {
		t.Errorf("lag %.2f at %.0f requests/s, want over 1: ten times the possible rate was asked for", r.Lag(), r.RatePerSecond())
	}
}

func TestSegmentRefuses(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", numbered{}, Options{Connections: 1})
	for _, tt := range []struct {
		first, count int
		rate         harness.Rate
	}{
		{-1, 1, 1}, {0, 0, 1}, {0, -1, 1}, {0, 1, 0}, {0, 1, -1}, {0, 1, 1e-300},
		{0, 1, harness.Rate(math.NaN())}, {0, 1, harness.Rate(math.Inf(-1))},
	} {
		if r, err := c.Segment(t.Context(), tt.first, tt.count, tt.rate); err == nil || r.Requests != 0 {
			t.Errorf("Segment(%d, %d, %s) sent %d requests, error %v, want none and an error", tt.first, tt.count, tt.rate, r.Requests, err)
		}
	}
}

// BenchmarkSegment is the whole cost of a request in one process: the load, the
// loopback and a server that does nothing.
func BenchmarkSegment(b *testing.B) {
	srv := newServer(b, echo)
	c := newClient(b, srv.URL, numbered{}, Options{Connections: 16})
	const requests = 1000
	mustSegment(b, c, 0, requests, harness.MaxRate)
	b.ReportAllocs()
	for b.Loop() {
		mustSegment(b, c, 0, requests, harness.MaxRate)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/requests, "ns/request")
}
