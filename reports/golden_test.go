package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

var update = flag.Bool("update", false, "write the golden files")

// goldenRecord is testdata/run.json, written by hand: six variants of
// fraud-check, the planted leak caught.
func goldenRecord(t testing.TB) harness.Record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r harness.Record
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// stories are the golden record and what else may happen to it.
var stories = map[string]func(*harness.Record){
	"run": func(*harness.Record) {},
	"interrupted": func(r *harness.Record) {
		r.Complete, r.Seconds = false, 0
		r.Variants = r.Variants[:3]
		for i := range r.Variants {
			v := &r.Variants[i]
			v.Checkpoints, v.Blame = v.Checkpoints[:2], nil
			v.Load, v.Answers, v.RedisBytes = harness.LoadResult{}, harness.Answers{}, nil
			v.Verdict = harness.Verdict{Outcome: harness.Inconclusive, Class: harness.Unsettled, GrowthBytes: new(int64(2174976))}
		}
		r.Variants[2].Checkpoints = nil
		r.Variants[2].Verdict.GrowthBytes = nil
	},
	"crashed": func(r *harness.Record) {
		v := &r.Variants[3]
		v.Checkpoints = v.Checkpoints[:3]
		v.Verdict = harness.Verdict{Outcome: harness.Inconclusive, Class: harness.Unsettled}
		v.Death = &harness.Death{Cause: harness.Crashed, ExitCode: new(2), AtSeconds: 3.25,
			Evidence: "panic: assignment to entry in nil map\n\tcheck.go:40"}
	},
	"inconclusive": func(r *harness.Record) {
		v := &r.Variants[4]
		v.Verdict.Outcome, v.Verdict.Class = harness.Inconclusive, harness.Plateau
		v.Verdict.SlopeBytesPerRequest, v.Verdict.SlopeLow, v.Verdict.SlopeHigh = new(325.0), new(-12.5), new(1400.0)
		v.Verdict.Reasons = []harness.Reason{{Code: "unsettled", Measured: 325, Budget: new(16.0), Unit: "bytes/request",
			Text: "the live heap last grew at request 240: 480 requests without growth would show a bound"}}
	},
	"failed": func(r *harness.Record) {
		r.Variants[0].Verdict, r.Variants[3].Verdict = r.Variants[3].Verdict, r.Variants[0].Verdict
		r.Variants[3].Blame, r.Variants[0].Blame = r.Variants[0].Blame, nil
	},
	"keys": func(r *harness.Record) {
		v := &r.Variants[3].Verdict
		v.Outcome, v.Class, v.Driver = harness.Fail, harness.Leak, harness.PerKey
		v.SlopeBytesPerRequest, v.SlopeLow, v.SlopeHigh = new(368.0), new(366.5), new(369.0)
		v.Parts = []harness.Part{
			{Driver: harness.PerRequest, Bytes: 32, BytesLow: 31, Objects: 1, Unit: "request"},
			{Driver: harness.PerKey, Bytes: 336, BytesLow: 330, Objects: 2, Unit: "key"},
		}
		v.Reasons = []harness.Reason{{Code: "slope", Text: "the live heap grows by 368 B a request, at least 367 B at 99 %; allowed are 16 B"}}
	},
	"outside": func(r *harness.Record) {
		v := &r.Variants[3].Verdict
		v.Outcome, v.Class, v.Driver = harness.Fail, harness.Footprint, harness.PerRequest
		v.Reasons = []harness.Reason{{Code: "off-heap", Measured: 16465.92, Budget: new(256.0), Unit: "bytes/request",
			Text: "memory outside Go's runtime grows by 16.1 KiB a request while the heap does not; allowed are 256 B"}}
	},
	"suppressed": func(r *harness.Record) {
		v := &r.Variants[0]
		v.Expect = harness.ExpectClean
		fingerprint := harness.Fingerprint(v.Blame[0].Fingerprint)
		r.Spec.Variants[0].Expect = harness.ExpectClean
		r.Spec.Budget.TimeToOOM = harness.TimeToOOM{AtLeast: harness.Duration(24 * time.Hour), Limit: harness.GiB}
		v.Verdict.Reasons = append(v.Verdict.Reasons, harness.Reason{Code: "time-to-oom", Measured: 193, Budget: new(86400.0), Unit: "seconds",
			Text: "at 100 requests/s it fills 1 GiB in 3m13s, between 3m12s and 3m13s; allowed are no less than 24h0m0s"})
		r.Spec.Suppressions = []harness.Suppression{{Fingerprint: fingerprint, Reason: "the remedy is in review, ticket 7", Until: "2026-12-31"}}
	},
	"unmatched": func(r *harness.Record) {
		r.Spec.Suppressions = []harness.Suppression{
			{Fingerprint: "0123456789ab", Reason: "the cache of sessions, ticket 8", Until: "2026-12-31"},
			{Fingerprint: "ba9876543210", Reason: "until the upgrade", Until: "2026-10-31"},
		}
	},
	"elsewhere": loadedElsewhere,
	"untrusted": func(r *harness.Record) {
		r.SelfTest = &harness.SelfTest{PlantedLeak: harness.Pass, CleanTwin: harness.Pass, Seconds: 4.4}
		r.Complete, r.Seconds, r.Warnings = false, 5.1, nil
		r.Variants = r.Variants[:1]
		v := &r.Variants[0]
		v.Checkpoints, v.Timeline, v.Blame = []harness.Checkpoint{}, []harness.Sample{}, []harness.Blame{}
		v.Load, v.Answers, v.RedisBytes = harness.LoadResult{}, harness.Answers{}, nil
		v.Verdict = harness.Verdict{Outcome: harness.Inconclusive, Class: harness.Unsettled}
	},
}

// story is the golden record with something else happening, and its outcome.
func story(t testing.TB, name string) harness.Record {
	r := goldenRecord(t)
	stories[name](&r)
	r.Conclude()
	if err := r.Validate(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// renderers are those of text, each with the extension of its golden files.
var renderers = map[string]func(io.Writer, harness.Record, Options) error{
	".txt": Text, ".md": Markdown, ".junit.xml": JUnit, ".sarif": SARIF, ".bench": Bench,
}

// goldenOptions are those of a run in the continuous integration of GitHub.
var goldenOptions = Options{
	Dir:       "reports/out/fraud-check/20261124-081503",
	SourceURL: "https://github.com/leaklab/leaklab/blob/29249d3",
}

func TestGolden(t *testing.T) {
	for name := range stories {
		for ext, render := range renderers {
			var got bytes.Buffer
			if err := render(&got, story(t, name), goldenOptions); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+ext)
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", file, diff)
			}
		}
	}
}
