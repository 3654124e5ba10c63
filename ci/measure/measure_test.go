package main

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

// TestMain makes the test binary a target where the lab starts it as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == targetCommand {
		exit(serveTarget())
	}
	os.Exit(m.Run())
}

// TestMeasureSensitivity runs the lab on a leak and reads what it wrote.
func TestMeasureSensitivity(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the lab, which takes some seconds")
	}
	file := filepath.Join(t.TempDir(), "out", "sensitivity.jsonl")
	m := measurement{name: sensitivity, log: t.Output(), options: options{
		rate: 500, segment: 40, runs: 1, batch: 1, parallel: 1, file: file, maxTime: time.Minute,
	}}
	leak := slices.IndexFunc(leaks(), func(s service) bool { return s.name == "list-1024" })
	if err := m.run(t.Context(), leaks()[leak:leak+1]); err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := run(t.Context(), []string{"report", file}, &table, t.Output()); err != nil {
		t.Fatal(err)
	}
	if want := "| list-1024 | 1 KiB a request, linked nodes | 1 of 1 |"; !strings.Contains(table.String(), want) {
		t.Errorf("report:\n%s\nwant in it %q", table.String(), want)
	}
	if left, err := os.ReadDir(filepath.Join(filepath.Dir(file), "runs")); err != nil || len(left) > 0 {
		t.Errorf("records left behind: %v, %v; want none, as the verdict was the expected one", left, err)
	}
}

// TestServicesAnswer asks every service for its first requests, those at which
// they change their course included.
func TestServicesAnswer(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range slices.Concat(cleanShapes(), leaks()) {
		t.Run(s.name, func(t *testing.T) {
			if seen[s.name] {
				t.Fatal("two services have this name")
			}
			seen[s.name] = true
			handler, _, err := newHandler(t.Context(), []byte(strconv.Quote(s.name)))
			if err != nil {
				t.Fatal(err)
			}
			for i := range 520 {
				r := stream{}.Request(i)
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, httptest.NewRequest(r.Method, r.Path, nil))
				if got := (stream{}).Check(i, recorder.Code, nil); got != harness.Right {
					t.Fatalf("request %d: status %d, want %d", i, recorder.Code, http.StatusOK)
				}
			}
		})
	}
}

func TestBatchesDealEvenly(t *testing.T) {
	services := []service{{name: "a"}, {name: "b"}, {name: "c"}}
	var got [][]string
	for _, batch := range batches(services, 2, 2) {
		var names []string
		for _, s := range batch {
			names = append(names, s.name)
		}
		got = append(got, names)
	}
	want := [][]string{{"a", "b"}, {"c", "a"}, {"b", "c"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestUpperBound(t *testing.T) {
	for _, tt := range []struct {
		k, n int
		want float64
	}{
		{0, 1, 0.95},
		{0, 100, 1 - math.Pow(0.05, 1.0/100)},
		{0, 3000, 1 - math.Pow(0.05, 1.0/3000)},
		{1, 2, math.Sqrt(0.95)}, // 1 − p² = 0.05
		{9, 10, math.Pow(0.95, 0.1)},
		{10, 10, 1},
		{0, 0, 1},
	} {
		if got := upperBound(tt.k, tt.n); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("upperBound(%d, %d) = %v, want %v", tt.k, tt.n, got, tt.want)
		}
	}
}

// TestUpperBoundAgainstTheSum checks bounds by the definition, with binomial
// coefficients that are counted rather than taken from a logarithm.
func TestUpperBoundAgainstTheSum(t *testing.T) {
	for _, n := range []int{5, 17, 60} {
		for k := range n {
			p, sum, choose := upperBound(k, n), 0.0, 1.0
			for i := range k + 1 {
				sum += choose * math.Pow(p, float64(i)) * math.Pow(1-p, float64(n-i))
				choose = choose * float64(n-i) / float64(i+1)
			}
			if math.Abs(sum-0.05) > 1e-9 {
				t.Errorf("upperBound(%d, %d) = %v: %d or fewer have the probability %v, want 0.05", k, n, p, k, sum)
			}
		}
	}
}
