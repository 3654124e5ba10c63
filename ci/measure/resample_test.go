package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

func TestAddedBy(t *testing.T) {
	checkpoint := func(round harness.Round, seconds float64, bytes, offHeap int64) harness.Checkpoint {
		return harness.Checkpoint{
			Round: round, AtSeconds: seconds, LiveHeapBytes: bytes, LiveObjects: bytes / 10, Goroutines: bytes / 100, OffHeapBytes: &offHeap,
		}
	}
	got := addedBy([]harness.Checkpoint{
		checkpoint(harness.Fresh, 1, 1000, 50),
		checkpoint(harness.Fresh, 3, 1300, 40),
		checkpoint(harness.Idle, 4, 9000, 90), // no segment of the load
		checkpoint(harness.Fresh, 4.5, 9100, 95),
	})
	want := []added{
		{Seconds: 2, LiveHeapBytes: 300, LiveObjects: 30, Goroutines: 3, OffHeapBytes: -10},
		{Seconds: 0.5, LiveHeapBytes: 100, LiveObjects: 10, Goroutines: 1, OffHeapBytes: 5},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addedBy (-want +got):\n%s", diff)
	}
}

// TestDrawn tells quiet segments from leaking ones, and gives the same counts each
// time.
func TestDrawn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var quiet, leaking []added
	for range 30 {
		noise := random.Int64N(100) - 50
		quiet = append(quiet, added{Seconds: 0.1, LiveHeapBytes: noise})
		leaking = append(leaking, added{Seconds: 0.1, LiveHeapBytes: 40*1024 + noise, LiveObjects: 40})
	}
	for _, tt := range []struct {
		name string
		pool []added
		want counts
	}{
		{"quiet", quiet, counts{}},
		{"leaking", leaking, counts{said: 20, failed: 20}},
	} {
		got := drawn(tt.pool, 20)
		if got != tt.want {
			t.Errorf("%s: %+v of 20, want %+v", tt.name, got, tt.want)
		}
		if again := drawn(tt.pool, 20); again != got {
			t.Errorf("%s: %+v the second time, %+v the first", tt.name, again, got)
		}
	}
}

func TestResample(t *testing.T) {
	l := verdict(aa, "json", harness.Pass, harness.Steady, 2000)
	for range 24 {
		l.Added = append(l.Added, added{Seconds: 0.1})
	}
	filling := verdict(aa, "lru-500", harness.Pass, harness.Plateau, 2000)
	filling.Added = l.Added
	dir := t.TempDir()
	file, document := filepath.Join(dir, "aa.jsonl"), filepath.Join(dir, "measurements.md")
	var text bytes.Buffer
	if err := appendLines(&text, []line{l, filling}); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{file: text.String(), document: "before\n<!-- resampled -->\nold\n<!-- /resampled -->\nafter\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t.Context(), []string{"resample", "-runs", "50", "-o", document, file}, t.Output(), t.Output()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := `before
<!-- resampled -->

| service | real segments | resampled runs | said to leak at any time | failed | inconclusive |
|---|---|---|---|---|---|
| json | 24 | 50 | 0 | 0 | 0 |

Resampled: said at any time 0 of 50, 95 % upper bound 5.8 %; failed in the end 0, bound 5.8 %.

<!-- /resampled -->
after
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if err := run(t.Context(), []string{"resample", os.DevNull}, t.Output(), t.Output()); err == nil || !strings.Contains(err.Error(), "no segments") {
		t.Errorf("resample of no lines: %v, want an error that says so", err)
	}
}

func TestOnlyNamesServices(t *testing.T) {
	got, err := chosen(leaks(), "ints,list-8")
	if err != nil || len(got) != 2 || got[0].name != "ints" || got[1].name != "list-8" {
		t.Errorf("chosen: %v, %v; want ints and list-8", got, err)
	}
	if _, err := chosen(leaks(), "list-8,nope"); err == nil || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("chosen of an unknown service: %v, want an error that names it", err)
	}
}
