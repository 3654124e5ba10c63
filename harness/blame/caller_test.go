package blame

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// The frames of a client whose connections stay: the dial runs in a goroutine of
// its own.
var (
	quote     = harness.Frame{Function: "shop.quote", File: "/src/shop/quote.go", Line: 56}
	price     = harness.Frame{Function: "shop.price", File: "/src/shop/price.go", Line: 9}
	doClient  = libraryFrame("net/http.(*Client).do", 733)
	roundTrip = libraryFrame("net/http.(*Transport).roundTrip", 591)
	dialConn  = libraryFrame("net/http.(*Transport).dialConn", 1992)
	dialing   = libraryFrame("net/http.(*Transport).startDialConnForLocked.func1", 1629)
	readLoop  = libraryFrame("net/http.(*persistConn).readLoop", 2330)
	writeLoop = libraryFrame("net/http.(*persistConn).writeLoop", 2652)
)

func libraryFrame(function string, line int) harness.Frame {
	return harness.Frame{Function: function, File: "/usr/local/go/src/net/http/transport.go", Line: line}
}

const dialStacks = `goroutine 7 [select]:
net/http.(*persistConn).readLoop(0xc000012345)
	/usr/local/go/src/net/http/transport.go:2330 +0x4f
created by net/http.(*Transport).dialConn in goroutine 6
	/usr/local/go/src/net/http/transport.go:1994 +0x85

goroutine 8 [select]:
net/http.(*persistConn).writeLoop(0xc000012345)
	/usr/local/go/src/net/http/transport.go:2652 +0x4f
created by net/http.(*Transport).dialConn in goroutine 6
	/usr/local/go/src/net/http/transport.go:1995 +0x85
`

// dials is a client that leaves one connection of two goroutines open in each of
// eight rounds, and what is in the heap after a round.
func dials(inUse func(round int64) []block) []harness.Blame {
	var goroutines []Point
	for round := range int64(9) {
		goroutines = append(goroutines, Point{Requests: int(40 * round), Profile: goroutineProfile("goroutine",
			parked{round, []harness.Frame{gopark, readLoop}}, parked{round, []harness.Frame{gopark, writeLoop}})})
	}
	leaked := goroutineProfile("goroutineleak", parked{8, []harness.Frame{gopark, writeLoop}})
	return Goroutines(goroutines, GoroutineOptions{
		Options: Options{Slope: 2. / 40}, Stacks: []byte(dialStacks), Leaked: leaked, Heap: rounds(8, 1, inUse),
	})
}

func TestGoroutinesOfTheLibraryAreTheCallers(t *testing.T) {
	buffers := func(round int64) block { return block{4096 * round, round, []harness.Frame{clone, dialConn, dialing}} }
	for name, c := range map[string]struct {
		heap func(round int64) block
		want harness.Frame
	}{
		"below the creator": {func(round int64) block {
			return block{64 * round, round, []harness.Frame{clone, dialConn, roundTrip, quote}}
		}, quote},
		"of its type": {func(round int64) block {
			return block{64 * round, round, []harness.Frame{clone, roundTrip, doClient, quote}}
		}, quote},
		"of another type": {func(round int64) block { return block{64 * round, round, []harness.Frame{clone, doClient, quote}} }, dialConn},
		"held once": {func(round int64) block {
			return block{64 * min(round, 3), min(round, 3), []harness.Frame{clone, roundTrip, quote}}
		}, dialConn},
		"shrinking": {func(round int64) block {
			return block{64 * (9 - round), 9 - round, []harness.Frame{clone, roundTrip, quote}}
		}, dialConn},
		"of its own": {func(round int64) block { return block{64 * round, round, []harness.Frame{quote, roundTrip, price}} }, dialConn},
	} {
		got := dials(func(round int64) []block { return []block{buffers(round), c.heap(round)} })
		if got[0].Function != c.want.Function {
			t.Errorf("%s: %s first, want %s", name, got[0].Function, c.want.Function)
		}
	}
}

func TestACallBelowTheCreatorIsNearerThanOneOfItsType(t *testing.T) {
	got := dials(func(round int64) []block {
		return []block{
			{900 * round, round, []harness.Frame{clone, roundTrip, price}},
			{64 * round, round, []harness.Frame{clone, dialConn, roundTrip, quote}},
		}
	})
	if got[0].Function != quote.Function {
		t.Errorf("%s first, want %s", got[0].Function, quote.Function)
	}
}

func TestGoroutinesOfACallAddUp(t *testing.T) {
	got := dials(func(round int64) []block {
		return []block{
			{64 * round, round, []harness.Frame{clone, roundTrip, quote, serve}},
			{32 * round, round, []harness.Frame{clone, roundTrip, price, serve}},                     // less
			{900 * min(round, 1), min(round, 1), []harness.Frame{clone, dialConn, roundTrip, parse}}, // once, nearer
		}
	})
	created := dialConn
	created.Line = 1994
	stack := []harness.Frame{gopark, readLoop, created, quote}
	want := []harness.Blame{{
		Function: quote.Function, File: quote.File, Line: quote.Line,
		GrowthGoroutines: 16, GoroutinesPerRequest: 2. / 40, LeakedGoroutines: 8, Share: 1, Samples: 16,
		Stack: stack, Fingerprint: fingerprint(quote),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
}

func TestGoroutinesOfTheApplicationKeepTheirSite(t *testing.T) {
	text := strings.ReplaceAll(strings.ReplaceAll(stacksText, "shop.notify in", dialConn.Function+" in"), "/src/shop/notify.go:30", dialConn.File+":30")
	var points []Point
	for round := range int64(9) {
		points = append(points, Point{Requests: int(100 * round), Profile: goroutineProfile("goroutine", parked{round, []harness.Frame{gopark, sending}})})
	}
	heap := rounds(8, 1, func(round int64) []block { return []block{{64 * round, round, []harness.Frame{dialConn, quote}}} })
	got := Goroutines(points, GoroutineOptions{Stacks: []byte(text), Heap: heap})
	if len(got) != 1 || got[0].Line != sending.Line {
		t.Errorf("%+v, want %v, which they run", got, sending)
	}
}

func TestOwnerOf(t *testing.T) {
	for function, want := range map[string]string{
		"net/http.(*Transport).dialConn":                     "net/http.Transport",
		"net/http.(*Transport).startDialConnForLocked.func1": "net/http.Transport",
		"net/http.Header.Set":                                "net/http.Header",
		"os/signal.NotifyContext.func1":                      "os/signal.NotifyContext",
		"time.goFunc":                                        "time.goFunc",
		"sync.(*Map[]).Store":                                "sync.Map[]",
		"0x4f2a":                                             "0x4f2a.",
	} {
		if got := ownerOf(function); got != want {
			t.Errorf("ownerOf(%q) = %q, want %q", function, got, want)
		}
	}
}

func TestRank(t *testing.T) {
	at := func(f harness.Frame) harness.Blame {
		return harness.Blame{Function: f.Function, File: f.File, Line: f.Line}
	}
	got := Rank([]harness.Blame{at(dialConn), at(notify)}, []harness.Blame{at(clone), at(check), at(parse)})
	var order []harness.Frame
	for _, b := range got {
		order = append(order, harness.Frame{Function: b.Function, File: b.File, Line: b.Line})
	}
	if want := []harness.Frame{notify, check, parse, dialConn, clone}; !slices.Equal(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
}

//go:noinline
func neverClosed(client *http.Client, url string) (*http.Response, error) { return client.Get(url) }

// TestConnectionsOfThisProcess reads what this runtime writes of answers whose
// bodies are never closed, with their server in the same process.
func TestConnectionsOfThisProcess(t *testing.T) {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1<<16)) }))
	client := &http.Client{Transport: &http.Transport{}}
	var held []*http.Response
	t.Cleanup(func() {
		for _, r := range held {
			r.Body.Close()
		}
		client.CloseIdleConnections()
		server.Close()
	})
	goroutines, heap := []Point{{Profile: ownGoroutines(t)}}, []Point{{Profile: ownHeap(t)}}
	for round := range 5 {
		for range 10 {
			answer, err := neverClosed(client, server.URL)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, answer)
		}
		goroutines = append(goroutines, Point{Requests: 10 * (round + 1), Profile: ownGoroutines(t)})
		heap = append(heap, Point{Requests: 10 * (round + 1), Profile: ownHeap(t)})
	}
	var text bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&text, 2); err != nil {
		t.Fatal(err)
	}
	got := Goroutines(goroutines, GoroutineOptions{Options: Options{Slope: 3}, Stacks: text.Bytes(), Heap: heap})
	if len(got) == 0 || !strings.HasSuffix(got[0].Function, "blame.neverClosed") || got[0].GoroutinesPerRequest < 1.5 {
		t.Errorf("%+v, want neverClosed first, with two goroutines a request", got)
	}
}

func ownHeap(t *testing.T) *profile.Profile {
	t.Helper()
	runtime.GC()
	runtime.GC()
	var b bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&b, 0); err != nil {
		t.Fatal(err)
	}
	p, err := Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return p
}
