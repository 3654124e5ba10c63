package leaktest

import (
	"flag"
	"fmt"
	"io"
	"math"
	"testing"
)

// briefly makes benchmarks of this process short.
func briefly(t *testing.T) {
	t.Helper()
	f := flag.Lookup("test.benchtime")
	before := f.Value.String()
	if err := f.Value.Set("100x"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

func TestBenchmarkReportsWhatIsRetained(t *testing.T) {
	briefly(t)
	var list leak
	end := make(chan struct{})
	defer close(end)
	for _, test := range []struct {
		name                       string
		f                          func(i int)
		bytes, objects, goroutines float64
	}{
		{"leak", list.keep, 16, 1, 0},
		{"goroutine", func(int) { go func() { <-end }() }, math.NaN(), math.NaN(), 1},
		{"clean", func(i int) { fmt.Fprint(io.Discard, i) }, 0, 0, 0},
	} {
		metrics := testing.Benchmark(func(b *testing.B) { Benchmark(b, test.f) }).Extra
		for unit, want := range map[string]float64{
			"retained-B/op": test.bytes, "retained-objects/op": test.objects, "retained-goroutines/op": test.goroutines,
		} {
			got, reported := metrics[unit]
			if !reported || math.Abs(got-want) > 0.05 {
				t.Errorf("%s: %s = %v, want %v", test.name, unit, got, want)
			}
		}
	}
}
