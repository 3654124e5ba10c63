package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"

	"github.com/leaklab/leaklab/harness"
)

// Bench writes the measurements as Go's benchmark lines, for benchstat: it
// compares two runs, or with -col /variant the variants of one. What is retained
// is exact and the same in every run, so a variant has a line for each segment:
// one run is a sample with a spread. Allocations, CPU time and latencies differ
// more between runs than within one (redisset allocated 1.5 % more in a run of the
// same code, 2026-11-24): they are on one line, as is the slope of the verdict, so
// that benchstat asks for more runs rather than call such a difference one. Its
// error is the writer's.
func Bench(w io.Writer, r harness.Record, _ Options) error {
	writer := benchfmt.NewWriter(w)
	config := benchConfig(r)
	for _, v := range r.Variants {
		name := benchName(r, v)
		for _, line := range append(benchSegments(v), benchWhole(v)) {
			if len(line.Values) == 0 {
				continue
			}
			line.Name, line.Config = name, config
			if err := writer.Write(&line); err != nil {
				return err
			}
		}
	}
	return nil
}

// benchConfig is what two runs must share to be compared: benchstat keeps apart
// what differs in any of it.
func benchConfig(r harness.Record) []benchfmt.Config {
	e, load := r.Environment, r.Spec.Load
	asked := [][2]string{{"rate", load.Rate.String()}, {"connections", fmt.Sprint(load.Connections)}}
	if a := axisOf(r); a != "" { // it came from elsewhere, and an op is no request
		asked = [][2]string{{"op", string(a)}}
	}
	var all []benchfmt.Config
	for _, c := range append([][2]string{{"goos", e.OS}, {"goarch", e.Arch}, {"pkg", e.ModulePath}}, asked...) {
		if value := safe(c[1]); value != "" {
			all = append(all, benchfmt.Config{Key: c[0], Value: []byte(value), File: true})
		}
	}
	return all
}

// benchName is the name of a variant's lines, without Benchmark: the scenario in
// the spelling of Go, the variant as a key, and the number of CPUs:
// "FraudCheck/variant=leaky-2".
func benchName(r harness.Record, v harness.Result) benchfmt.Name {
	letter := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	var scenario strings.Builder
	for _, word := range strings.FieldsFunc(safe(r.Scenario), func(c rune) bool { return !letter(c) }) {
		first := []rune(word)
		first[0] = unicode.ToUpper(first[0])
		scenario.WriteString(string(first))
	}
	variant := strings.Map(func(c rune) rune {
		if letter(c) || strings.ContainsRune("-_.", c) {
			return c
		}
		return '_'
	}, safe(v.Name))
	return benchfmt.Name(fmt.Sprintf("%s/variant=%s-%d", cmp.Or(scenario.String(), "Scenario"), cmp.Or(variant, "_"), max(1, r.Environment.CPUs)))
}

// benchSegments has a line for each segment of fresh requests, as often as it has
// requests.
func benchSegments(v harness.Result) []benchfmt.Result {
	var lines []benchfmt.Result
	for i := 1; i < len(v.Checkpoints); i++ {
		last, now := v.Checkpoints[i-1], v.Checkpoints[i]
		n := now.Requests - last.Requests
		if n <= 0 || now.Round.OrDefault() != harness.Fresh {
			continue
		}
		perRequest := func(total int64) float64 { return float64(total) / float64(n) }
		lines = append(lines, benchfmt.Result{Iters: n, Values: []benchfmt.Value{
			{Value: perRequest(now.LiveHeapBytes - last.LiveHeapBytes), Unit: "retained-B/op"},
			{Value: perRequest(now.LiveObjects - last.LiveObjects), Unit: "retained-objects/op"},
			{Value: perRequest(now.Goroutines - last.Goroutines), Unit: "retained-goroutines/op"},
		}})
	}
	return lines
}

// benchWhole has what is one figure of the whole run. Seconds are written as nanoseconds, as
// Go's own benchmarks are.
func benchWhole(v harness.Result) benchfmt.Result {
	line := benchfmt.Result{Iters: max(1, v.Load.Requests)}
	for _, m := range []struct {
		value *float64
		scale float64
		unit  string
	}{
		{v.Verdict.SlopeBytesPerRequest, 1, "slope-B/op"},
		{v.Verdict.ChurnBytesPerRequest, 1, "alloc-B/op"},
		{v.Load.CPUSecondsPerRequest, 1e9, "cpu-ns/op"},
		{v.Load.LatencyP50Seconds, 1e9, "p50-ns"},
		{v.Load.LatencyP99Seconds, 1e9, "p99-ns"},
	} {
		if m.value != nil {
			line.Values = append(line.Values, benchfmt.Value{Value: *m.value * m.scale, Unit: m.unit})
		}
	}
	return line
}
