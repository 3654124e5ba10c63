package blame

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

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
		for _, points := range [][]Point{{{Profile: p}, {Requests: 10, Profile: last}}, {{Profile: p}, {Requests: 10, Profile: last}, {Requests: 20, Profile: p}, {Requests: 30, Profile: last}}} {
			sites, explained := Growth(points, Options{Slope: 100})
			if explained == nil || !(*explained >= 0 && *explained <= 1) {
				t.Errorf("explained: %v, want 0 to 1", explained)
			}
			for _, b := range sites {
				bounded := b.BytesPerRequestLow == nil || *b.BytesPerRequestLow <= b.BytesPerRequest && b.BytesPerRequest <= *b.BytesPerRequestHigh
				if b.GrowthBytes < 0 || b.Samples < 0 || !bounded || !(b.Share >= 0 && b.Share <= 1) {
					t.Errorf("impossible site: %+v", b)
				}
			}
		}
	})
}

func TestReadGoroutines(t *testing.T) {
	if p, err := ReadGoroutines(gzipped(t, encoded(t, goroutineProfile("goroutine", parked{3, []harness.Frame{check}})))); err != nil || len(p.Sample) != 1 {
		t.Errorf("%v, %v; want the profile", p, err)
	}
	if _, err := ReadGoroutines(encoded(t, heapProfile(1))); err == nil || !strings.Contains(err.Error(), "no goroutine or goroutineleak samples") {
		t.Errorf("a heap profile: error %v, want what is missing", err)
	}
}
