package leaktest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/leaktest"
)

// The parameters of the tests and of the benchmark that the examples are of.
var (
	t *testing.T
	b *testing.B
)

// A handler is made in a process of its own, once; the requests come from here.
func ExampleHandler() {
	// func TestCartLeaksNothing(t *testing.T) {
	leaktest.Handler(t, func() http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /cart/{user}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "empty") })
		return mux
	}, leaktest.Config{
		Request: func(i int) harness.Request { return harness.Request{Path: fmt.Sprint("/cart/", i)} },
	})
}

// A function is called here, some thousands of times in 0.2 s.
func ExampleFunc() {
	// func TestSplitLeaksNothing(t *testing.T) {
	leaktest.Func(t, func(i int) { strings.Split("a,b,c", ",") }, leaktest.Config{})
}

// benchstat compares retained-B/op and retained-objects/op before and after.
func ExampleBenchmark() {
	// func BenchmarkSplit(b *testing.B) {
	leaktest.Benchmark(b, func(i int) { strings.Split("a,b,c", ",") })
}

// A cache of 50 000 entries is full before anything is read; a leak that has an
// issue of its own is let pass until its day.
func ExampleConfig() {
	config := leaktest.Config{
		Budget:       harness.Budget{Slope: 16}, // bytes a request
		Suppressions: []harness.Suppression{{Fingerprint: "8587cdb99f71", Reason: "issue 42", Until: "2026-12-31"}},
		WarmUp:       50_000,
		MaxTime:      2 * time.Minute,
	}
	fmt.Println(config.Validate())
	// Output: <nil>
}

func ExampleConfig_Validate() {
	fmt.Println(leaktest.Config{Connections: -1, MaxTime: time.Millisecond}.Validate())
	// Output:
	// leaktest.Config: Connections = -1, want 1 to 10000
	// MaxTime = 1ms, want 1s to 24h0m0s
}
