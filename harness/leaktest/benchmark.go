package leaktest

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// benchmarkRounds is how many rounds the metrics of a benchmark rest on.
const benchmarkRounds = 12

// Benchmark times f as a loop over b.Loop does, and reports what a call of it
// leaves behind: retained-B/op, retained-objects/op and retained-goroutines/op, all
// 0 for a function that is clean. Where allocs/op is what a call takes, these are
// what it does not give back; benchstat compares them like any other metric. They
// come from some thousands of calls after those that are timed; nothing is judged,
// and no benchmark fails for them. A map or slice that the timed calls have filled
// may have room for all of those: with -benchtime 100x it is small, and grows.
//
// f is called with i = 0, 1, 2, …, each once.
func Benchmark(b *testing.B, f func(i int)) {
	b.Helper()
	m := newMeasurement(b.Context(), f, Config{}, b.Name())
	for b.Loop() {
		f(m.fresh)
		m.fresh++
	}
	v := m.retained()
	for unit, value := range map[string]*float64{
		"retained-B/op":          v.SlopeBytesPerRequest,
		"retained-objects/op":    v.ObjectsPerRequest,
		"retained-goroutines/op": v.GoroutinesPerRequest,
	} {
		if value != nil {
			b.ReportMetric(*value, unit)
		}
	}
}

// retained measures a fixed number of rounds, whatever a judge would ask for.
func (m *measurement) retained() harness.Verdict {
	m.begin()
	for range benchmarkRounds {
		m.round(harness.Fresh)
	}
	verdict, _ := judge.Judge(judge.In(m.record, 0))
	return verdict
}
