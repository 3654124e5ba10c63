package leaktest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// answering is a handler that does something for each request.
func answering(do func(r *http.Request)) func() http.Handler {
	return func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			do(r)
			_, _ = io.WriteString(w, "ok")
		})
	}
}

func TestHandlerAcquits(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // a second, and TestHandlerSendsTheRequests acquits one too
	}
	Handler(t, answering(func(r *http.Request) { _ = fmt.Sprint(r) }), Config{})
}

func TestHandlerCatches(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // seconds
	}
	for _, test := range []struct {
		name string // with what a pattern must quote
		do   func() func(*http.Request)
		want []string
	}{
		{"16 bytes (+1)", func() func(*http.Request) {
			var list leak
			return func(*http.Request) { list.keep(1) }
		}, []string{
			"LEAK of 16",
			"the same requests, sent again, add 1",
			"recorder_test.go:71  leaktest.(*leak).keep  ",
			"keeps the profiles for go tool pprof -diff_base",
		}},
		{"goroutine", func() func(*http.Request) {
			end := make(chan struct{})
			return func(*http.Request) { go func() { <-end }() }
		}, []string{"GOROUTINE LEAK of 1 a request", "started     handler_test.go:"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			said, failed := observe(t, func(t testing.TB) { Handler(t, answering(test.do()), Config{}) })
			if !failed {
				t.Errorf("passed:\n%s", said)
			}
			wantAll(t, said, test.want...)
		})
	}
}

// TestHandlerServesEachCall has two calls in one test, of which the second leaks,
// and is deferred to in the child.
func TestHandlerServesEachCall(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // seconds
	}
	var list leak
	Handler(t, answering(func(*http.Request) {}), Config{})
	Handler(t, answering(func(*http.Request) { list.keep(1) }), Config{Expect: harness.ExpectLeak})
	if isChild() {
		t.Error("a child came past the call that it serves")
	}
}

// TestHandlerSendsTheRequests has a handler that accepts nothing but the requests
// of the configuration.
func TestHandlerSendsTheRequests(t *testing.T) {
	config := Config{
		Request: func(i int) harness.Request {
			return harness.Request{Method: "PUT", Path: "/items/" + strconv.Itoa(i), Header: http.Header{"X-Key": {"k"}}, Body: []byte("body")}
		},
		Accept: func(status int) bool { return status == http.StatusTeapot },
	}
	Handler(t, func() http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("PUT /items/{id}", func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if _, notNumber := strconv.Atoi(r.PathValue("id")); err == nil && notNumber == nil && r.Header.Get("X-Key") == "k" && string(body) == "body" {
				w.WriteHeader(http.StatusTeapot)
			}
		})
		return mux
	}, config)
}

// TestHandlerThatFailsIsNotMeasured calls nothing clean that answered nothing.
func TestHandlerThatFailsIsNotMeasured(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // seconds
	}
	said, failed := observe(t, func(t testing.TB) { Handler(t, http.NotFoundHandler, Config{}) })
	if !failed {
		t.Errorf("passed:\n%s", said)
	}
	wantAll(t, said, "NOT MEASURED: ", "requests failed, the first with: ", "404")
}

// TestHandlerTellsWhyTheChildDidNotStart shows what the child's test said.
func TestHandlerTellsWhyTheChildDidNotStart(t *testing.T) {
	said, failed := observe(t, func(tb testing.TB) {
		Handler(tb, func() http.Handler {
			t.Fatal("no database")
			return nil
		}, Config{})
	})
	if !failed {
		t.Errorf("passed:\n%s", said)
	}
	wantAll(t, said, "leaktest: nothing was measured:", "no database", "must come to the same call of it")
}

func TestHandlerNeedsATest(t *testing.T) {
	if !isTest(t) || isTest(new(testing.B)) || isTest(new(testing.F)) {
		t.Error("want a test alone to be one")
	}
}

// TestChildCleansUp has the child remove what the test made before the call.
func TestChildCleansUp(t *testing.T) {
	dir := os.Getenv("LEAKTEST_CLEANED")
	if !isChild() {
		dir = t.TempDir()
		t.Setenv("LEAKTEST_CLEANED", dir)
	}
	t.Cleanup(func() {
		if isChild() {
			_ = os.WriteFile(filepath.Join(dir, "cleaned"), nil, 0o600)
		}
	})
	Handler(t, answering(func(*http.Request) {}), Config{Calls: 20})
	if _, err := os.Stat(filepath.Join(dir, "cleaned")); err != nil {
		t.Errorf("the child did not run its clean-ups: %v", err)
	}
}
