package gauge

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

func TestAServiceThatIsGone(t *testing.T) {
	server := httptest.NewServer(profiles())
	p := gaugeOf(t, server.URL)
	if err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Close()
	began := time.Now()
	if _, err := p.Checkpoint(t.Context()); !errors.Is(err, ErrGone) {
		t.Errorf("error %v, want %v", err, ErrGone)
	}
	if waited := time.Since(began); waited < p.comeback {
		t.Errorf("gave up after %v, want the %v in which it may come back", waited, p.comeback)
	}
}

func TestAServiceThatNeverWasThereIsNotWaitedFor(t *testing.T) {
	p := gaugeOf(t, "http://127.0.0.1:1")
	p.comeback = time.Hour
	if err := p.Check(t.Context()); !errors.Is(err, ErrGone) {
		t.Errorf("error %v, want %v", err, ErrGone)
	}
}

// A service that ends in the middle of an answer is asked again: it is on its
// way back, or gone.
func TestAConnectionThatBreaks(t *testing.T) {
	var broke atomic.Bool
	real := profiles()
	p := service(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broke.CompareAndSwap(true, false) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("heap"))
			panic(http.ErrAbortHandler)
		}
		real.ServeHTTP(w, r)
	}))
	if err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	broke.Store(true)
	if _, err := p.Sample(t.Context()); err != nil {
		t.Errorf("error %v of a service that answers again", err)
	}
}

func TestAProcessOfTheSameNumber(t *testing.T) {
	if startOf(os.Getpid()) == 0 {
		t.Skip("this system does not tell when a process was started")
	}
	p := process{pid: os.Getpid()}
	if err := p.check(); err != nil {
		t.Error(err)
	}
	if p.started--; !errors.Is(p.check(), ErrRestarted) {
		t.Errorf("error %v of a process that was started later, want %v", p.check(), ErrRestarted)
	}
	gone := process{pid: os.Getpid(), started: 1}
	if gone.pid = 1 << 30; !errors.Is(gone.check(), ErrRestarted) {
		t.Errorf("error %v of a process that is gone, want %v", gone.check(), ErrRestarted)
	}
}

func TestRefused(t *testing.T) {
	for want, err := range map[bool]error{
		true:  &net.OpError{Op: "dial", Err: os.ErrNotExist},
		false: &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded},
	} {
		if refused(err) != want {
			t.Errorf("%v: refused %t, want %t", err, !want, want)
		}
	}
	if refused(&net.OpError{Op: "read", Err: os.ErrNotExist}) {
		t.Error("a connection that was there is none that was refused")
	}
}
