package blame

import (
	"bytes"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// parked is a number of goroutines with one stack, leaf first.
type parked struct {
	count int64
	stack []harness.Frame
}

// goroutineProfile writes a profile as the runtime does.
func goroutineProfile(name string, groups ...parked) *profile.Profile {
	count := profile.ValueType{Type: name, Unit: "count"}
	p := &profile.Profile{SampleType: []*profile.ValueType{&count}, PeriodType: &count, Period: 1}
	for _, g := range groups {
		addSample(p, g.stack, g.count)
	}
	return p
}

var (
	gopark  = harness.Frame{Function: "runtime.gopark", File: "/usr/local/go/src/runtime/proc.go", Line: 462}
	sending = harness.Frame{Function: "shop.notify.func1", File: "/src/shop/notify.go", Line: 31}
	waiting = harness.Frame{Function: "shop.notify.func1", File: "/src/shop/notify.go", Line: 33}
	working = harness.Frame{Function: "shop.(*Pool).work", File: "/src/shop/pool.go", Line: 40}
	goEntry = harness.Frame{Function: "sync.(*WaitGroup).Go.func1", File: "/usr/local/go/src/sync/waitgroup.go", Line: 258}
	// the go statements
	notify  = harness.Frame{Function: "shop.notify", File: "/src/shop/notify.go", Line: 30}
	newPool = harness.Frame{Function: "shop.NewPool", File: "/src/shop/pool.go", Line: 20}
)

const stacksText = `goroutine 1 [running]:
shop.main()
	/src/shop/main.go:9 +0x10d

goroutine 7 [chan send, 2 minutes]:
shop.notify.func1()
	/src/shop/notify.go:31 +0x26
created by shop.notify in goroutine 1
	/src/shop/notify.go:30 +0x76

goroutine 9 [chan receive, locked to thread]:
shop.(*Pool).work(0xc000012345, {0x6a1f20, 0x3})
	/src/shop/pool.go:40 +0x4f
created by shop.NewPool in goroutine 1
	/src/shop/pool.go:20 +0x85

goroutine 11 [sleep]:
time.Sleep(0x34630b8a000)
	/usr/local/go/src/runtime/time.go:363 +0x165
shop.poll(...)
	/src/shop/poll.go:8
sync.(*WaitGroup).Go.func1()
	/usr/local/go/src/sync/waitgroup.go:258 +0x4a
created by sync.(*WaitGroup).Go in goroutine 1
	/usr/local/go/src/sync/waitgroup.go:238 +0x73
`

func TestGoroutinesByCreator(t *testing.T) {
	var points []Point
	for round := range int64(9) {
		points = append(points, Point{Requests: int(100 * round), Profile: goroutineProfile("goroutine",
			parked{2 * round, []harness.Frame{gopark, sending}}, parked{round, []harness.Frame{gopark, waiting}}, // two places, one creator
			parked{10 + round%3, []harness.Frame{gopark, working}}, // a pool breathes
		)})
	}
	leaked := goroutineProfile("goroutineleak", parked{15, []harness.Frame{gopark, sending}}, parked{8, []harness.Frame{gopark, waiting}})
	stack := []harness.Frame{gopark, sending, notify}
	want := []harness.Blame{{
		Function: notify.Function, File: notify.File, Line: notify.Line,
		GrowthGoroutines: 24, GoroutinesPerRequest: 0.03, LeakedGoroutines: 23, Share: 0.75, Samples: 24,
		Stack: stack, Fingerprint: fingerprint(notify),
	}}
	got := Goroutines(points, GoroutineOptions{Options: Options{Slope: 0.04}, Stacks: []byte(stacksText), Leaked: leaked})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
	// Without the text, the function that they run.
	got = Goroutines(points, GoroutineOptions{})
	if len(got) != 2 || got[0].Function != sending.Function || got[0].GrowthGoroutines != 16 || got[0].LeakedGoroutines != 0 {
		t.Errorf("without stacks: %+v, want both places of the function", got)
	}
}

func TestLeakedGoroutinesNeedNoTrend(t *testing.T) {
	none, some := goroutineProfile("goroutine"), goroutineProfile("goroutine", parked{1, []harness.Frame{gopark, sending}})
	points := []Point{{Profile: none}, {Requests: 100, Profile: none}, {Requests: 200, Profile: some}, {Requests: 300, Profile: some}}
	if got := Goroutines(points, GoroutineOptions{}); len(got) != 0 {
		t.Errorf("one goroutine more: %+v, want no site", got)
	}
	leaked := goroutineProfile("goroutineleak", parked{1, []harness.Frame{gopark, sending}})
	if got := Goroutines(points, GoroutineOptions{Leaked: leaked}); len(got) != 1 || got[0].LeakedGoroutines != 1 {
		t.Errorf("one leaked goroutine: %+v, want its site", got)
	}
}

func TestGoroutinesOfTheStandardLibrary(t *testing.T) {
	waitGroup := harness.Frame{Function: "sync.(*WaitGroup).Go", File: "/usr/local/go/src/sync/waitgroup.go", Line: 238}
	poll := harness.Frame{Function: "shop.poll", File: "/src/shop/poll.go", Line: 8}
	inner := harness.Frame{Function: "shop.wait", File: "/src/shop/poll.go", Line: 3}
	readLoop := harness.Frame{Function: "net/http.(*persistConn).readLoop", File: "net/http/transport.go", Line: 2300}
	for name, c := range map[string]struct {
		stack []harness.Frame
		want  harness.Frame
	}{
		"created there, runs ours": {[]harness.Frame{gopark, inner, poll, goEntry, waitGroup}, poll},
		"all of it there":          {[]harness.Frame{gopark, readLoop, waitGroup}, waitGroup},
		"nothing":                  {nil, harness.Frame{}},
	} {
		if got := origin(c.stack); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

//go:noinline
func leakOne(started chan<- struct{}, release <-chan struct{}) {
	go func() {
		started <- struct{}{}
		<-release
	}()
}

// TestGoroutinesOfThisProcess reads what this runtime writes.
func TestGoroutinesOfThisProcess(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	points := []Point{{Profile: ownGoroutines(t)}}
	for round := range 5 {
		for range 3 {
			leakOne(started, release)
			<-started
		}
		awaitParked(t, 3*(round+1))
		points = append(points, Point{Requests: 100 * (round + 1), Profile: ownGoroutines(t)})
	}
	var text bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&text, 2); err != nil {
		t.Fatal(err)
	}
	got := Goroutines(points, GoroutineOptions{Options: Options{Slope: 0.03}, Stacks: text.Bytes()})
	if len(got) != 1 || !strings.HasSuffix(got[0].Function, "blame.leakOne") || !strings.HasSuffix(got[0].File, "goroutine_test.go") {
		t.Fatalf("got %+v, want leakOne alone", got)
	}
	_, _, line, _ := runtime.Caller(0)
	if g := got[0]; g.GrowthGoroutines != 15 || g.GoroutinesPerRequest != 0.03 || g.Line <= 0 || g.Line >= line || g.Share != 1 {
		t.Errorf("%+v, want 15 goroutines, 3 in 100 requests", g)
	}
}

// awaitParked waits until so many of leakOne's goroutines wait for their
// release: until then, a goroutine's stack may still be another.
func awaitParked(t *testing.T, n int) {
	t.Helper()
	text := make([]byte, 1<<20)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		found := 0
		for g := range strings.SplitSeq(string(text[:runtime.Stack(text, true)]), "\n\n") {
			if strings.Contains(g, "blame.leakOne.func1") && strings.Contains(g, "[chan receive") {
				found++
			}
		}
		if found == n {
			return
		}
	}
	t.Fatalf("%d goroutines do not wait", n)
}

func ownGoroutines(t *testing.T) *profile.Profile {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 0); err != nil {
		t.Fatal(err)
	}
	p, err := ReadGoroutines(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return p
}
