package leaktest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// TestFuncCatches has the smallest leak that is promised, and one of each kind, each
// blamed at its line. What a leak keeps goes with its test.
func TestFuncCatches(t *testing.T) {
	for _, test := range []struct {
		name string
		leak func(t *testing.T) func(i int)
		want []string
	}{
		{"16-bytes", func(*testing.T) func(int) { return new(leak).keep }, []string{
			"LEAK of 16 B a call\n  because     the live heap grows by 16 B a call",
			"exactly 1 object a call stay reachable, 16 B each on average",
			"the same calls, made again, add 16 B each",
			"allocated   recorder_test.go:71  leaktest.(*leak).keep  100 % of the growth, known as ",
			"check it    go test -run '^TestFuncCatches$/^16-bytes$' -artifacts",
		}},
		{"slow", func(*testing.T) func(int) {
			var list leak
			return func(i int) { time.Sleep(100 * time.Microsecond); list.keep(i) }
		}, []string{"LEAK of 16", "leaktest.(*leak).keep"}},
		{"key", func(*testing.T) func(int) {
			table := make(map[int]*[128]byte)
			return func(i int) { table[i] = new([128]byte) }
		}, []string{"LEAK of ", "repeated keys add nothing; new keys showed no bound", "allocated   func_test.go:"}},
		{"goroutine", func(t *testing.T) func(int) {
			end := make(chan struct{})
			t.Cleanup(func() { close(end) })
			return func(int) { go func() { <-end }() }
		}, []string{"GOROUTINE LEAK of 1 a call", "1 goroutine a call never ends", "started     func_test.go:"}},
		{"closure", func(t *testing.T) func(int) {
			ctx, cancel := context.WithCancel(context.Background())
			t.Cleanup(cancel)
			return func(i int) { context.AfterFunc(ctx, func() { runtime.KeepAlive(i) }) }
		}, []string{"LEAK of ", "allocated   func_test.go:", "stack       context/context.go:"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.name != "16-bytes" {
				t.SkipNow() // a second each
			}
			said, failed := observe(t, func(tb testing.TB) { Func(tb, test.leak(t), Config{}) })
			if !failed {
				t.Errorf("passed:\n%s", said)
			}
			wantAll(t, said, test.want...)
		})
	}
}

// TestFuncAcquits has what looks like a leak and is none.
func TestFuncAcquits(t *testing.T) {
	var pool sync.Pool
	cache := make(map[int]*[64]byte)
	for _, test := range []struct {
		name string
		f    func(i int)
	}{
		{"nothing", func(int) {}},
		{"churn", func(i int) { fmt.Fprint(io.Discard, i, make([]int, 100)) }},
		{"pool", func(int) {
			b, ok := pool.Get().(*bytes.Buffer)
			if !ok {
				b = new(bytes.Buffer)
			}
			b.Reset()
			b.WriteString("payload")
			pool.Put(b)
		}},
		{"timer", func(int) {
			select {
			case <-time.After(time.Hour):
			default:
			}
		}},
		{"goroutines that end", func(int) { go func() { runtime.Gosched() }() }},
		{"full cache", func(i int) { cache[i%500] = new([64]byte) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.name != "churn" {
				t.SkipNow() // a second together
			}
			Func(t, test.f, Config{})
		})
	}
}

// TestFuncTellsACacheFromALeak has a cache that is still filling when the rounds
// begin.
func TestFuncTellsACacheFromALeak(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // 2 s
	}
	const capacity = 10_000
	cache := make(map[int]*[64]byte)
	said, failed := observe(t, func(t testing.TB) {
		Func(t, func(i int) {
			cache[i] = new([64]byte)
			delete(cache, i-capacity)
		}, Config{})
	})
	if failed {
		t.Errorf("a cache of %d entries failed:\n%s", capacity, said)
	}
	wantAll(t, said, "clean: it grew with new keys up to a bound")
}

func TestFuncRefusesParallelTests(t *testing.T) {
	t.Run("parallel", func(t *testing.T) {
		t.Parallel()
		t.Run("child", func(t *testing.T) {
			called := false
			said, failed := observe(t, func(t testing.TB) { Func(t, func(int) { called = true }, Config{}) })
			if !failed || called {
				t.Errorf("failed = %t, called = %t, want a refusal before any call", failed, called)
			}
			wantAll(t, said, "leaktest.Func: measures its own process", "remove t.Parallel")
		})
	})
}

func TestFuncRefusesMistakes(t *testing.T) {
	said, failed := observe(t, func(t testing.TB) { Func(t, func(int) { panic("called") }, Config{Calls: -1}) })
	if !failed {
		t.Error("a negative number of calls passed")
	}
	wantAll(t, said, "leaktest.Config: Calls = -1, want 1 to 1000000")
}

// TestFuncHonoursSuppressions lets the leak pass that it finds, and no other.
func TestFuncHonoursSuppressions(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // three measurements
	}
	var list leak
	run := func(f func(int), c Config) (string, bool) {
		return observe(t, func(t testing.TB) { Func(t, f, c) })
	}
	said, _ := run(list.keep, Config{})
	match := regexp.MustCompile(`known as ([0-9a-f]{12})`).FindStringSubmatch(said)
	if match == nil {
		t.Fatalf("no fingerprint in:\n%s", said)
	}
	known := Config{Suppressions: []harness.Suppression{{Fingerprint: harness.Fingerprint(match[1]), Reason: "test", Until: "2999-12-31"}}}
	if said, failed := run(list.keep, known); failed {
		t.Errorf("the suppressed leak failed:\n%s", said)
	}
	said, failed := run(func(int) {}, known)
	if !failed {
		t.Errorf("a suppression that matches nothing passed:\n%s", said)
	}
	wantAll(t, said, match[1]+" matches no leak")
}

func TestFuncWantsTheExpectedLeak(t *testing.T) {
	var list leak
	Func(t, list.keep, Config{Expect: harness.ExpectLeak})
	said, failed := observe(t, func(t testing.TB) { Func(t, func(int) {}, Config{Expect: harness.ExpectLeak}) })
	if !failed {
		t.Error("passed without a leak")
	}
	wantAll(t, said, "NO LEAK, where Config.Expect wants one")
}

// TestFuncKeepsWithinItsTime ends a measurement that takes too long, and says what
// would help.
func TestFuncKeepsWithinItsTime(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // a second
	}
	said, failed := observe(t, func(t testing.TB) {
		Func(t, func(int) { time.Sleep(10 * time.Millisecond) }, Config{MaxTime: time.Second})
	})
	if !failed {
		t.Errorf("too little was measured, and passed:\n%s", said)
	}
	wantAll(t, said, "INCONCLUSIVE", "15 rounds that a verdict needs", "a larger Config.MaxTime than 1s, or smaller Config.Calls than 20")
}

// TestMeasurementWarmsUp makes the calls that are asked for before the first reading.
func TestMeasurementWarmsUp(t *testing.T) {
	calls := 0
	m := newMeasurement(t.Context(), func(int) { calls++ }, Config{Calls: 10, WarmUp: 20_000}, t.Name())
	m.begin()
	if want := m.load().WarmUp + m.load().Segment; calls != want || want < 10_000 || m.completed != 0 {
		t.Errorf("%d calls before the first reading, %d of them counted; want %d and 0", calls, m.completed, want)
	}
}

// TestMeasurementStopsAtItsCeiling wants no more calls of what has taken all that
// a test may take.
func TestMeasurementStopsAtItsCeiling(t *testing.T) {
	var kept [][]byte
	m := newMeasurement(t.Context(), func(int) { kept = append(kept, make([]byte, 64<<10)) }, Config{}, t.Name())
	m.ceiling = 8 << 20
	m.measure(time.Minute)
	if d := m.result().Death; d == nil || d.Cause != harness.MemoryCeiling {
		t.Fatalf("death = %+v, want %s", d, harness.MemoryCeiling)
	}
	if v := m.verdict(); v.Outcome != harness.Fail {
		t.Errorf("verdict %s, want a fail", v.Outcome)
	}
	runtime.KeepAlive(kept)
}
