package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"
)

// request sends a request to a served probe and returns status and body.
func request(t *testing.T, server *httptest.Server, method, endpoint string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+Path+endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(Path, handler)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// get decodes the answer of an endpoint, strictly.
func get[T any](t *testing.T, server *httptest.Server, method, endpoint string) T {
	t.Helper()
	status, body := request(t, server, method, endpoint)
	if status != http.StatusOK {
		t.Fatalf("%s %s: status %d: %s", method, endpoint, status, body)
	}
	var v T
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s %s: %v in %s", method, endpoint, err, body)
	}
	return v
}

func TestImportsTheStandardLibraryOnly(t *testing.T) {
	var files []string
	for _, dir := range []string{".", "auto"} {
		found, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: files %q, %v", dir, found, err)
		}
		files = append(files, found...)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			seen++
			path := strings.Trim(i.Path.Value, `"`)
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && path+"." != packagePath {
				t.Errorf("%s imports %s: a service that mounts the probe would depend on it", name, i.Path.Value)
			}
		}
	}
	if seen == 0 {
		t.Error("no imports found, want those of the package")
	}
}

func TestMethodsAreFixed(t *testing.T) {
	server := serve(t, Handler())
	for endpoint, method := range map[string]string{
		"prewarm": "GET", "checkpoint": "GET", "sample": "POST", "stream": "POST", "profile": "POST", "build": "PUT",
	} {
		if status, _ := request(t, server, method, endpoint); status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: status %d, want %d", method, endpoint, status, http.StatusMethodNotAllowed)
		}
	}
	if status, _ := request(t, server, "GET", "nothing"); status != http.StatusNotFound {
		t.Errorf("unknown endpoint: status %d, want %d", status, http.StatusNotFound)
	}
}

func TestProfilesAreWholeGzipStreams(t *testing.T) {
	server := serve(t, Handler())
	for _, endpoint := range []string{"profile", "goroutines"} {
		status, body := request(t, server, "GET", endpoint)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", endpoint, status, body)
		}
		if len(gunzip(t, body)) == 0 {
			t.Errorf("%s: empty, want a profile", endpoint)
		}
	}
}

func TestStacksTellWhereGoroutinesWereCreated(t *testing.T) {
	server := serve(t, Handler())
	release := make(chan struct{})
	defer close(release)
	go func() { <-release }()
	status, body := request(t, server, "GET", "stacks")
	if status != http.StatusOK || !strings.Contains(string(body), "created by "+packagePath+"TestStacksTellWhereGoroutinesWereCreated in goroutine ") {
		t.Errorf("status %d, %s\nwant the goroutine of this test and its creator", status, body)
	}
}

const packagePath = "github.com/leaklab/leaklab/harness/probe."

func TestStacksAreCutOff(t *testing.T) {
	release := make(chan struct{})
	var started, goroutines sync.WaitGroup
	var deep func(calls int)
	deep = func(calls int) {
		if calls > 0 {
			deep(calls - 1)
			return
		}
		started.Done()
		<-release
	}
	defer goroutines.Wait()
	defer close(release)
	for range maxStacks / 4000 { // each has more than 4 000 bytes of text
		started.Add(1)
		goroutines.Go(func() { deep(90) })
	}
	started.Wait()
	a, err := stacks(t.Context())
	if err != nil || len(a.body) > maxStacks || len(a.body) < maxStacks-4096 {
		t.Errorf("%d bytes, %v; want all that fits in %d", len(a.body), err, maxStacks)
	}
}

// TestLeakedGoroutines holds for both kinds of runtime; the experiment is
// GOEXPERIMENT=goroutineleakprofile in Go 1.26.
func TestLeakedGoroutines(t *testing.T) {
	server := serve(t, Handler())
	go func() { <-make(chan struct{}) }()
	if pprof.Lookup(goroutineLeak) == nil {
		if status, _ := request(t, server, "GET", goroutineLeak); status != http.StatusNotFound {
			t.Errorf("status %d, want 404: this runtime has no such profile", status)
		}
		return
	}
	// Only once it waits is it leaked, and no signal can tell.
	for deadline := time.Now().Add(testLimit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		status, body := request(t, server, "GET", goroutineLeak)
		if status != http.StatusOK {
			t.Fatalf("status %d: %s", status, body)
		}
		if bytes.Contains(gunzip(t, body), []byte(packagePath+"TestLeakedGoroutines.func1")) {
			return
		}
	}
	t.Error("the leaked goroutine is not in the profile")
}

func gunzip(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestBuildTellsTheSettingsInForce(t *testing.T) {
	server := serve(t, Handler())
	defer debug.SetGCPercent(debug.SetGCPercent(70))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 40))
	b := get[Build](t, server, "GET", "build")
	if b.GoVersion != runtime.Version() || b.GOGC != "70" || b.GOMEMLIMIT != "1099511627776" {
		t.Errorf("build = %+v, want Go %s, GOGC 70, GOMEMLIMIT 1099511627776", b, runtime.Version())
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1<<63 - 1)
	if b := get[Build](t, server, "GET", "build"); b.GOGC != "off" || b.GOMEMLIMIT != "off" {
		t.Errorf("GOGC, GOMEMLIMIT = %q, %q, want both off", b.GOGC, b.GOMEMLIMIT)
	}
}

func TestBuildIdentifiesTheBinary(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := get[Build](t, serve(t, Handler()), "GET", "build")
	if want := fmt.Sprintf("%x", sha256.Sum256(binary))[:16]; b.ID != want {
		t.Errorf("id %q, want %q: that of the file that runs", b.ID, want)
	}
	if b.ModulePath != "github.com/leaklab/leaklab" {
		t.Errorf("module path %q", b.ModulePath)
	}
}

// newProber is the state behind a handler, for tests that look inside.
func newProber(c Config) *prober {
	return &prober{Config: c, turn: make(chan struct{}, 1), closing: make(chan struct{}), meter: newMeter()}
}

// stuck is a client that accepts nothing until it is let go.
type stuck struct {
	http.ResponseWriter
	writing, let chan struct{}
}

func (s stuck) Write(b []byte) (int, error) {
	close(s.writing)
	<-s.let
	return len(b), nil
}

func TestAStuckClientDoesNotHoldUpTheNext(t *testing.T) {
	p := newProber(Config{})
	handler := p.exclusive(p.sample)
	first := stuck{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		handler(first, httptest.NewRequest("GET", Path+"sample", nil))
	}()
	<-first.writing
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	second := httptest.NewRecorder()
	handler(second, httptest.NewRequestWithContext(ctx, "GET", Path+"sample", nil))
	if second.Body.Len() == 0 {
		t.Error("the second client got nothing while the first was stuck")
	}
	close(first.let)
	<-ended
}

func TestActionsRunOneAtATime(t *testing.T) {
	p := newProber(Config{})
	entered, release := make(chan struct{}), make(chan struct{})
	handler := p.exclusive(func(context.Context) (answer, error) {
		entered <- struct{}{}
		<-release
		return answer{}, nil
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		handler(httptest.NewRecorder(), httptest.NewRequest("GET", Path, nil))
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the second client leaves the queue, or else enters and hangs
	handler(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", Path, nil))
	close(release)
	<-ended
}

func TestAFailedActionIsAnError(t *testing.T) {
	p := newProber(Config{})
	w := httptest.NewRecorder()
	p.exclusive(func(context.Context) (answer, error) { return answer{}, errors.New("broken") })(w, httptest.NewRequest("GET", Path, nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "broken") {
		t.Errorf("status %d, %q; want 500 and why", w.Code, w.Body)
	}
}
