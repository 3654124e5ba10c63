package leaktest

import (
	"testing"
	"time"
)

// funcReserve is what may follow the measurement: the calls that show where a leak
// is, and their profiles.
const funcReserve = 5 * time.Second

// Func fails the test if calls of f leave memory or goroutines behind. It calls f
// with i = 0, 1, 2, …, each once at first; where something grows also with the
// same i again, to tell growth for each call from growth for each new key. All
// calls come from the test's goroutine.
//
// It measures its own process, so nothing else may run in it: a parallel test is
// refused, and t.Parallel after it panics. Work that f leaves to goroutines which
// end soon is waited for. What f logs by way of t stays in memory until the test
// ends, and is growth like any other. Memory outside Go's heap is not judged.
func Func(t testing.TB, f func(i int), cfg Config) {
	t.Helper()
	here := nextCall(t)
	if isChild() {
		return // it is there for a handler
	}
	if isParallel(t) {
		t.Fatal("leaktest.Func: measures its own process, which a parallel test shares with others: " +
			"remove t.Parallel from this test and those around it, or measure a handler with leaktest.Handler")
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	m := newMeasurement(t.Context(), f, cfg, t.Name())
	m.measure(timeLeft(t, time.Duration(m.load().MaxTime), funcReserve))
	sites, err := m.blame()
	if err != nil {
		t.Logf("leaktest: where it allocates is not known: %v", err)
	}
	j := openJournal(t, here)
	defer j.Close()
	record, err := m.save(j, sites, rerun(t))
	if err != nil {
		t.Errorf("leaktest: %v", err) // the verdict stands all the same
	}
	report(t, record, j.Dir(), callWords)
}

// alone is the environment variable by which a test is found to be parallel: one
// cannot be set there.
const alone = "LEAKLAB_LEAKTEST_ALONE"

// isParallel tells whether a test may run beside others. Package testing says so
// by a panic alone.
func isParallel(t testing.TB) (parallel bool) {
	defer func() { parallel = recover() != nil }()
	t.Setenv(alone, "1")
	return false
}
