package leaktest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// result is a record of one variant with a verdict.
func result(v harness.Verdict, change func(*harness.Record)) harness.Record {
	r := harness.Record{
		Schema:    harness.RecordSchema,
		StartedAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		Complete:  true,
		Spec:      harness.Scenario{About: "TestCart/empty", Load: harness.Load{Segment: 200, MaxTime: harness.Duration(time.Minute)}},
		Variants:  []harness.Result{{Name: "func", Expect: harness.ExpectClean, Verdict: v}},
	}
	if change != nil {
		change(&r)
	}
	r.Conclude()
	return r
}

func leaking() harness.Verdict {
	return harness.Verdict{
		Outcome: harness.Fail, Class: harness.Leak, Driver: harness.PerRequest, SlopeBytesPerRequest: new(1056.0),
		Reasons: []harness.Reason{
			{Code: "slope", Text: "the live heap grows by 1.03 KiB a request, at least 1.03 KiB at 99 %; allowed are 4 B"},
			{Code: "replay", Text: "the same requests, sent again, add 1.03 KiB each"},
		},
	}
}

func allocated(r *harness.Record) {
	r.Variants[0].Blame = []harness.Blame{
		{Function: "example.com/shop.(*Cart).put", File: "cart.go", Line: 31, Share: 0.97, Fingerprint: "0123456789ab", Stack: []harness.Frame{
			{Function: "bytes.growSlice", File: "/usr/local/go/src/bytes/buffer.go", Line: 267},
			{Function: "example.com/shop.(*Cart).put", File: "cart.go", Line: 31},
			{Function: "example.com/shop.TestCart.func1", File: "cart_test.go", Line: 12},
			{Function: "github.com/leaklab/leaklab/harness/leaktest.(*measurement).again", File: "measure.go", Line: 1},
		}},
		{Function: "example.com/shop.sum[go.shape.int]", File: "sum.go", Line: 7, Share: 0.02, Fingerprint: "ba9876543210"},
	}
}

// TestReport compares what a test says with testdata/report.txt, which shows all
// there is to say.
func TestReport(t *testing.T) {
	verdict := func(outcome harness.Outcome, class harness.Class, code, text string) harness.Verdict {
		return harness.Verdict{Outcome: outcome, Class: class, Reasons: []harness.Reason{{Code: code, Text: text}}}
	}
	clean := verdict(harness.Pass, harness.Steady, "clean", "no growth above 0.1 B a request up to 15 000 requests")
	goroutines := verdict(harness.Fail, harness.Goroutine, "goroutines", "1 goroutines a request never end; allowed are 0")
	goroutines.GoroutinesPerRequest = new(1.0)
	shrank := verdict(harness.Fail, harness.Leak, "objects", "2.06 objects a request stay reachable")
	shrank.SlopeBytesPerRequest = new(-561.0)
	suppress := func(until string) func(*harness.Record) {
		return func(r *harness.Record) {
			allocated(r)
			r.Spec.Suppressions = []harness.Suppression{{Fingerprint: "0123456789ab", Reason: "why", Until: until}}
		}
	}
	text := ""
	for _, test := range []struct {
		name   string
		record harness.Record
		dir    string
		words  words
	}{
		{"clean", result(clean, nil), "", callWords},
		{"leak", result(leaking(), allocated), "", callWords},
		{"leak, profiles kept", result(leaking(), func(r *harness.Record) {
			allocated(r)
			r.Variants[0].Checkpoints = []harness.Checkpoint{{Profile: "profiles/func/000.pb.gz"}, {}, {Profile: "profiles/func/004.pb.gz"}}
		}), "/out/leaktest-1", callWords},
		{"leak of a handler, no site", result(leaking(), nil), "", requestWords},
		{"leak beside what shrank", result(shrank, nil), "", callWords},
		{"goroutines", result(goroutines, func(r *harness.Record) {
			allocated(r)
			r.Variants[0].Blame[0].GrowthGoroutines = 7
		}), "", callWords},
		{"off-heap", result(verdict(harness.Fail, harness.Footprint, "off-heap", "memory outside Go's runtime grows"), nil), "", requestWords},
		{"over budget", result(verdict(harness.Fail, harness.Steady, "churn", "a request allocates 2 KiB, kept or not; allowed are 1 KiB"), nil), "", callWords},
		{"inconclusive", result(verdict(harness.Inconclusive, harness.Unsettled, "few-checkpoints", "2 of the 15 segments that a verdict needs were measured"), nil), "", callWords},
		{"interrupted", result(verdict(harness.Inconclusive, harness.Unsettled, "unsettled", "more segments would settle it"),
			func(r *harness.Record) { r.Complete = false }), "", callWords},
		{"not measured", result(verdict(harness.Inconclusive, harness.Unsettled, "requests-failed", "9 of 10 requests failed"), func(r *harness.Record) {
			r.Variants[0].Load = harness.LoadResult{Requests: 10, Errors: 9, FirstError: "GET /: 404 Not Found"}
		}), "", requestWords},
		{"no leak", result(clean, func(r *harness.Record) { r.Variants[0].Expect = harness.ExpectLeak }), "", callWords},
		{"suppressed", result(leaking(), suppress("2026-11-24")), "", callWords},
		{"suppression expired", result(leaking(), suppress("2026-11-23")), "", callWords},
		{"suppression unmatched", result(clean, func(r *harness.Record) {
			suppress("2026-11-24")(r)
			r.Variants[0].Blame = nil
		}), "", callWords},
	} {
		said, failed := observe(t, func(t testing.TB) { report(t, test.record, test.dir, test.words) })
		text += "== " + test.name + map[bool]string{true: ": fails"}[failed] + "\n" + said + "\n"
	}
	golden := filepath.Join("testdata", "report.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}
