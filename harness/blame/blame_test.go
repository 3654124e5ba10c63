package blame

import (
	"bytes"
	"compress/gzip"
	"math"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// block is in-use memory on a stack; the stack is written leaf first.
type block struct {
	bytes, objects int64
	stack          []harness.Frame
}

var (
	check   = harness.Frame{Function: "shop/fraud.(*Handler).check", File: "/src/shop/fraud/check.go", Line: 71}
	serve   = harness.Frame{Function: "net/http.(*conn).serve", File: "/usr/local/go/src/net/http/server.go", Line: 2051}
	parse   = harness.Frame{Function: "shop/fraud.parse", File: "/src/shop/fraud/parse.go", Line: 12}
	clone   = harness.Frame{Function: "strings.Clone", File: "strings/clone.go", Line: 25}
	growMap = harness.Frame{Function: "internal/runtime/maps.newTable", File: "internal/runtime/maps/table.go", Line: 86}
	malg    = harness.Frame{Function: "runtime.malg", File: "/usr/local/go/src/runtime/proc.go", Line: 5000}
)

// heapProfile writes a profile as the runtime does, one location a frame.
func heapProfile(rate int64, blocks ...block) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"},
			{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"},
		},
		PeriodType: &profile.ValueType{Type: "space", Unit: "bytes"},
		Period:     rate,
	}
	for _, b := range blocks {
		s := &profile.Sample{Value: []int64{0, 0, b.objects, b.bytes}}
		for _, f := range b.stack {
			id := uint64(len(p.Location) + 1)
			fn := &profile.Function{ID: id, Name: f.Function, Filename: f.File}
			loc := &profile.Location{ID: id, Line: []profile.Line{{Function: fn, Line: int64(f.Line)}}}
			p.Function, p.Location = append(p.Function, fn), append(p.Location, loc)
			s.Location = append(s.Location, loc)
		}
		p.Sample = append(p.Sample, s)
	}
	return p
}

func TestSitesAddUpStacksOfOneSite(t *testing.T) {
	viaMap := []harness.Frame{growMap, check, serve}
	direct := []harness.Frame{check, serve}
	other := []harness.Frame{clone, parse, check, serve}
	first := heapProfile(1, block{1000, 10, viaMap}, block{500, 5, direct}, block{900, 9, other})
	last := heapProfile(1,
		block{4000, 30, viaMap}, block{1000, 10, viaMap}, // two sizes on one stack
		block{300, 3, direct}, // shrank
		block{2100, 21, other},
	)
	got := Sites(first, last, 100, Options{})
	want := []harness.Blame{
		{
			Function: check.Function, File: check.File, Line: check.Line,
			GrowthBytes: 3800, GrowthObjects: 28, BytesPerRequest: 38, Share: 0.76, Samples: 28,
			Stack: viaMap, Fingerprint: Fingerprint(viaMap),
		},
		{
			Function: parse.Function, File: parse.File, Line: parse.Line,
			GrowthBytes: 1200, GrowthObjects: 12, BytesPerRequest: 12, Share: 0.24, Samples: 12,
			Stack: other, Fingerprint: Fingerprint(other),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
	limited := Sites(first, last, 100, Options{Limit: 1})
	if diff := cmp.Diff(want[:1], limited); diff != "" {
		t.Errorf("with a limit, shares are still of all growth (-want +got):\n%s", diff)
	}
}

func TestSitesNeedBothProfiles(t *testing.T) {
	p := heapProfile(1, block{100, 1, []harness.Frame{check}})
	cpu := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu"}}}
	for name, pair := range map[string][2]*profile.Profile{
		"no first":    {nil, p},
		"no last":     {p, nil},
		"cpu profile": {cpu, p},
		"no growth":   {p, p},
	} {
		if got := Sites(pair[0], pair[1], 1, Options{}); len(got) != 0 {
			t.Errorf("%s: got %v, want no site", name, got)
		}
	}
}

func TestSitesWithoutRequests(t *testing.T) {
	last := heapProfile(1, block{100, 1, []harness.Frame{check}})
	got := Sites(heapProfile(1), last, 0, Options{})
	if len(got) != 1 || got[0].BytesPerRequest != 0 {
		t.Errorf("got %+v, want one site with 0 bytes per request", got)
	}
}

func TestInlinedCallsAreExpanded(t *testing.T) {
	last := heapProfile(1, block{100, 1, []harness.Frame{parse, check}})
	inner := last.Location[0]
	inner.Line = append(inner.Line, last.Location[1].Line...) // parse inlined into check
	last.Sample[0].Location = []*profile.Location{inner, {ID: 9, Address: 0x4f2a}}
	got := Sites(heapProfile(1), last, 1, Options{})
	want := []harness.Frame{parse, check, {Function: "0x4f2a"}}
	if diff := cmp.Diff(want, got[0].Stack); diff != "" {
		t.Errorf("stack (-want +got):\n%s", diff)
	}
}

// scaled is what the runtime writes for n sampled objects of a size.
func scaled(n, size, rate float64) (bytes, objects int64) {
	scale := n / (1 - math.Exp(-size/rate))
	return int64(scale * size), int64(scale)
}

func TestSamplesUndoTheRuntimesScaling(t *testing.T) {
	for _, size := range []float64{16, 64, 1024, 4096, 1 << 20} {
		bytes, objects := scaled(120, size, 4096)
		last := heapProfile(4096, block{bytes, objects, []harness.Frame{check}})
		got := Sites(heapProfile(4096), last, 1, Options{})[0].Samples
		if got < 119 || got > 121 {
			t.Errorf("objects of %v bytes: %d samples, want 120", size, got)
		}
	}
}

var sink [][]byte

//go:noinline
func retain(n int) {
	for range n {
		sink = append(sink, make([]byte, 1024))
	}
}

// TestThisProcess reads real profiles, written by this runtime.
func TestThisProcess(t *testing.T) {
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 1
	t.Cleanup(func() { runtime.MemProfileRate, sink = rate, nil })

	first := readOwn(t)
	retain(1000)
	sites := Sites(first, readOwn(t), 1000, Options{})
	if len(sites) == 0 || !strings.HasSuffix(sites[0].Function, "blame.retain") || !strings.HasSuffix(sites[0].File, "blame_test.go") {
		t.Fatalf("first site is not retain: %+v", sites)
	}
	if s := sites[0]; s.GrowthBytes < 1000*1024 || s.GrowthObjects < 1000 || s.Samples < 1000 || s.Share < 0.9 {
		t.Errorf("retained 1000 blocks of 1 KiB, blame says %+v", s)
	}
}

func readOwn(t *testing.T) *profile.Profile {
	t.Helper()
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

func gzipped(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(plain)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encoded(t testing.TB, p *profile.Profile) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteUncompressed(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadRefuses(t *testing.T) {
	cpu := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}}}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":           {nil, "empty"},
		"text":              {[]byte("heap profile: 1: 2 [3: 4] @ heap/1048576"), "heap profile:"},
		"a cpu profile":     {encoded(t, cpu), "no inuse_space"},
		"a torn gzip":       {gzipped(t, encoded(t, heapProfile(1)))[:30], "decompress"},
		"a decompress bomb": {gzipped(t, make([]byte, MaxProfileBytes+1)), "more than"},
		"a huge file":       {make([]byte, MaxProfileBytes+1), "want at most"},
	} {
		if _, err := Read(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	p := heapProfile(4096, block{4096, 4, []harness.Frame{growMap, check, serve}}, block{16, 1, []harness.Frame{parse}})
	plain := encoded(f, p)
	f.Add(plain)
	f.Add(gzipped(f, plain))
	f.Add(plain[:len(plain)/2])
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		last, err := Read(data)
		if err != nil {
			return
		}
		for _, b := range Sites(p, last, 10, Options{}) {
			if b.GrowthBytes <= 0 || b.Samples < 0 || !(b.Share > 0 && b.Share <= 1) {
				t.Errorf("impossible site: %+v", b)
			}
		}
	})
}
