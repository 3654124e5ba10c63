package load

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestConnectionsStayOpenAndKeysArePinned(t *testing.T) {
	const connections = 8
	var mu sync.Mutex
	peers := map[string][]string{} // by path, in order of arrival
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		peers[r.URL.Path] = append(peers[r.URL.Path], r.RemoteAddr)
		mu.Unlock()
		echo(w, r)
	})
	c := newClient(t, srv.URL, numbered{}, Options{Connections: connections})
	mustSegment(t, c, 0, 3*connections, harness.MaxRate)
	mustSegment(t, c, 3*connections, 3*connections, 1000)
	mustSegment(t, c, 0, 3*connections, harness.MaxRate) // replay

	if opened, closed := srv.connections(); opened != connections || closed != 0 {
		t.Errorf("opened %d and closed %d connections, want %d and 0", opened, closed, connections)
	}
	if len(peers) != 6*connections {
		t.Errorf("%d different requests arrived, want %d", len(peers), 6*connections)
	}
	distinct := map[string]bool{}
	for i := range 6 * connections {
		want := peers[fmt.Sprintf("/%d", i%connections)][0]
		distinct[want] = true
		for _, got := range peers[fmt.Sprintf("/%d", i)] {
			if got != want {
				t.Errorf("request %d came from %s, want %s, as request %d", i, got, want, i%connections)
			}
		}
	}
	if len(distinct) != connections {
		t.Errorf("requests 0 to %d came over %d connections, want one each", connections-1, len(distinct))
	}
}

// headed is a stream with headers of its own.
type headed struct{ numbered }

func (headed) Request(int) harness.Request {
	return harness.Request{Method: http.MethodPut, Path: "/a%2Fb?q=1", Header: map[string][]string{
		"Content-Type": {"application/json"}, "Host": {"shop.example"},
	}, Body: []byte("{}")}
}

func TestRequestIsTheStreams(t *testing.T) {
	type seen struct {
		Method, URI, Host, Body string
		Header                  http.Header
	}
	var got seen
	srv := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.RequestURI, r.Host, string(body), r.Header}
	})
	mustSegment(t, newClient(t, srv.URL, headed{}, Options{Connections: 1}), 0, 1, harness.MaxRate)
	want := seen{http.MethodPut, "/a%2Fb?q=1", "shop.example", "{}", http.Header{
		"Content-Type": {"application/json"}, "Content-Length": {"2"}, "User-Agent": {"Go-http-client/1.1"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request, vegeta's headers stripped (-want +got):\n%s", diff)
	}
}

func TestPathsAreBelowThatOfTheTarget(t *testing.T) {
	var got string
	srv := newServer(t, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI })
	for base, want := range map[string]string{
		"": "/a%2Fb?q=1", "/": "/a%2Fb?q=1", "/shop": "/shop/a%2Fb?q=1", "/a%2Fb//": "/a%2Fb/a%2Fb?q=1",
	} {
		mustSegment(t, newClient(t, srv.URL+base, headed{}, Options{Connections: 1}), 0, 1, harness.MaxRate)
		if got != want {
			t.Errorf("a target at %q was asked for %s, want %s", base, got, want)
		}
	}
}

func TestCertificates(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	strict := mustSegment(t, newClient(t, srv.URL, numbered{}, Options{Connections: 1}), 0, 1, harness.MaxRate)
	if strict.Errors != 1 || !strings.Contains(strict.FirstError, "certificate") {
		t.Errorf("a certificate that nobody has signed: %d errors, %q; want 1 of the certificate", strict.Errors, strict.FirstError)
	}
	o := Options{Connections: 1, TLS: &tls.Config{InsecureSkipVerify: true}}
	if r := mustSegment(t, newClient(t, srv.URL, numbered{}, o), 0, 1, harness.MaxRate); r.Errors != 0 {
		t.Errorf("where any certificate will do: %s", r.FirstError)
	}
}

// pathStream is a stream of GET requests of one path.
type pathStream struct {
	numbered
	path string
}

func (s pathStream) Request(int) harness.Request {
	return harness.Request{Method: http.MethodGet, Path: s.path}
}

func TestStreamCannotChooseTheHost(t *testing.T) {
	srv := newServer(t, func(http.ResponseWriter, *http.Request) {})
	for path, reaches := range map[string]bool{
		"/ok": true, "//192.0.2.1/x": true, // the latter as a path
		"http://192.0.2.1/x": false, "@192.0.2.1/": false, "": false, "x": false, "mailto:x": false,
	} {
		r := mustSegment(t, newClient(t, srv.URL, pathStream{path: path}, Options{Connections: 1}), 0, 1, harness.MaxRate)
		if reached := r.Statuses[http.StatusOK] == 1; reached != reaches {
			t.Errorf("path %q: reached the target: %t, want %t (%s)", path, reached, reaches, r.FirstError)
		}
		if !reaches && !strings.Contains(r.FirstError, "is not a path") {
			t.Errorf("path %q: error %q, want one of the path", path, r.FirstError)
		}
	}
}

func TestNewClientRefuses(t *testing.T) {
	for _, tt := range []struct {
		url  string
		o    Options
		want string // in the error; empty: none
	}{
		{"http://127.0.0.1:1", Options{Connections: 1}, ""},
		{"http://127.9.9.9:1/", Options{Connections: 1}, ""},
		{"http://[::1]:1", Options{Connections: 1}, ""},
		{"http://localhost:1", Options{Connections: 1}, ""},
		{"http://192.0.2.1:1", Options{Connections: 1, AllowRemote: true}, ""},
		{"http://192.0.2.1:1", Options{Connections: 1}, "not a loopback address"},
		{"http://[::ffff:192.0.2.1]:1", Options{Connections: 1}, "not a loopback address"},
		{"http://localhost.example:1", Options{Connections: 1}, "not a loopback address"},
		{"http://127.0.0.1:1/path/", Options{Connections: 1}, ""},
		{"http://127.0.0.1@192.0.2.1:1", Options{Connections: 1}, "want scheme, host, port and at most a path"},
		{"http://127.0.0.1:1/?token=secret", Options{Connections: 1}, "want scheme, host, port and at most a path"},
		{"ftp://127.0.0.1:1", Options{Connections: 1}, "want scheme, host, port and at most a path"},
		{"127.0.0.1:1", Options{Connections: 1}, "target"},
		{"http://127.0.0.1:1", Options{}, "connections = 0, want 1 to 10000"},
		{"http://127.0.0.1:1", Options{Connections: maxConnections + 1}, "connections = 10001"},
		{"http://127.0.0.1:1", Options{Connections: 1, Timeout: -1}, "timeout = -1ns"},
	} {
		_, err := NewClient(tt.url, numbered{}, tt.o)
		if tt.want == "" && err != nil {
			t.Errorf("NewClient(%q, %+v): %v", tt.url, tt.o, err)
		}
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("NewClient(%q, %+v): error %v, want one with %q", tt.url, tt.o, err, tt.want)
		}
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	srv := newServer(t, echo)
	before := runtime.NumGoroutine()
	c := newClient(t, srv.URL, numbered{}, Options{Connections: 16})
	mustSegment(t, c, 0, 64, harness.MaxRate)
	if during := runtime.NumGoroutine(); during < before+16 {
		t.Fatalf("%d goroutines with 16 connections open, %d without: the count shows nothing", during, before)
	}
	c.Close()
	deadline := time.Now().Add(testDeadline)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines after Close, want at most %d:\n%s",
				runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond) // a connection's goroutines end after Close, and say nothing
	}
}
