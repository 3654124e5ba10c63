package journal

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// story is a run of two variants in which everything happens once.
func story() []Event {
	return []Event{
		Started{harness.Record{
			Schema: harness.RecordSchema, ID: "20261124-081503", Scenario: "fraud-check",
			StartedAt:   time.Date(2026, 11, 24, 8, 15, 3, 0, time.UTC),
			Environment: harness.Environment{GoVersion: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, GOGC: "100"},
			Spec: harness.Scenario{
				Name: "fraud-check", Data: map[string]any{"risky_users": 1000.0}, Load: harness.DefaultLoad(),
				Budget:   harness.Budget{Growth: harness.Growth{Bytes: 50 * harness.MiB, Over: harness.Duration(30 * time.Second)}},
				Variants: []harness.Variant{{Name: "leaky", Handler: "leaky/fraudcheck", Expect: harness.ExpectLeak}, {Name: "set"}},
			},
			Command:  []string{"leaklab", "run", "fraud-check"},
			Variants: []harness.Result{{Name: "leaky", Expect: harness.ExpectLeak}, {Name: "set", Expect: harness.ExpectClean}},
		}},
		SelfTested{harness.SelfTest{PlantedLeak: harness.Fail, CleanTwin: harness.Pass, Seconds: 1.9}},
		Checkpoint{"leaky", harness.Checkpoint{LiveHeapBytes: 1 << 20, RSSBytes: new(int64(9 << 20)), Profile: "profiles/leaky/000.pb.gz"}},
		Checkpoint{"set", harness.Checkpoint{LiveHeapBytes: 1 << 20}},
		Timeline{"leaky", []harness.Sample{{AtSeconds: 0.25, HeapBytes: 2 << 20}, {AtSeconds: 0.5}}},
		Warned{harness.Warning{Code: "rate", Text: "the rate was missed"}},
		Checkpoint{"leaky", harness.Checkpoint{Requests: 40, AtSeconds: 0.4, LiveHeapBytes: 3 << 20}},
		Loaded{"leaky", harness.LoadResult{Requests: 40, Statuses: map[int]int{200: 40}}, harness.Answers{Checked: 40}, new(int64(77))},
		Judged{"leaky", harness.Verdict{Outcome: harness.Fail, Class: harness.Leak, SlopeBytesPerRequest: new(54374.4)},
			[]harness.Blame{{Function: "fraudcheck.(*Handler).check", GrowthBytes: 2 << 20, Share: 0.97}}},
		Died{"set", harness.Death{Cause: harness.Crashed, ExitCode: new(2), Evidence: "panic: nil map"}},
		Timeline{"leaky", []harness.Sample{{AtSeconds: 0.75}}},
		Finished{true, 14.2},
	}
}

func create(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Create(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func appendAll(t *testing.T, j *Journal, events []Event) {
	t.Helper()
	for _, e := range events {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

func equal(t *testing.T, what string, want, got harness.Record) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestFoldJournalAndRecordAgree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "run")
	j := create(t, dir)
	for i, e := range story() {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
		want := Fold(story()[:i+1])
		equal(t, "in memory", want, j.Record())
		fromJournal, err := Read(filepath.Join(dir, JournalFile))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "from the journal", want, fromJournal)
		if err := j.Save(j.Record()); err != nil {
			t.Fatal(err)
		}
		fromRecord, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "from run.json", want, fromRecord)
	}
	r := j.Record()
	if !r.Complete || !r.Variants[0].AsExpected || len(r.Variants[0].Checkpoints) != 2 || len(r.Variants[0].Timeline) != 3 || r.Variants[1].Death == nil {
		t.Errorf("the record lacks part of the story: %+v", r)
	}
}

// TestOutcomeFollows appends what changes the outcome of a run, one by one.
func TestOutcomeFollows(t *testing.T) {
	j := create(t, t.TempDir())
	for _, step := range []struct {
		event Event
		want  harness.Outcome
	}{
		{story()[0], harness.Inconclusive},
		{Judged{Variant: "leaky", Verdict: harness.Verdict{Outcome: harness.Fail, Class: harness.Leak}}, harness.Inconclusive},
		{Judged{Variant: "set", Verdict: harness.Verdict{Outcome: harness.Fail, Class: harness.Leak}}, harness.Fail},
		{Judged{Variant: "set", Verdict: harness.Verdict{Outcome: harness.Pass}}, harness.Inconclusive},
		{Finished{Complete: true}, harness.Pass},
		{Loaded{Variant: "set", Load: harness.LoadResult{Requests: 9, Errors: 9}}, harness.Inconclusive},
	} {
		appendAll(t, j, []Event{step.event})
		if got := j.Record().Outcome; got != step.want {
			t.Errorf("after %+v: outcome %q, want %q", step.event, got, step.want)
		}
	}
}

func TestUnfinishedIsInconclusive(t *testing.T) {
	r := Fold(story()[:5])
	v := r.Variants[0].Verdict
	if r.Complete || r.Outcome != harness.Inconclusive || v.Outcome != harness.Inconclusive || v.Class != harness.Unsettled {
		t.Errorf("complete %v, outcome %q, verdict %q %q", r.Complete, r.Outcome, v.Outcome, v.Class)
	}
}

func TestRecordHasNoNullList(t *testing.T) {
	data, err := json.Marshal(Fold(story()[:1]))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"warnings", "checkpoints", "timeline", "reasons", "blame", "statuses"} {
		if strings.Contains(string(data), `"`+list+`":null`) {
			t.Errorf("%s is null in %s", list, data)
		}
	}
}

func TestRecordIsACopy(t *testing.T) {
	j := create(t, t.TempDir())
	appendAll(t, j, story()[:3])
	before := j.Record()
	appendAll(t, j, story()[3:])
	equal(t, "a record taken earlier changed", Fold(story()[:3]), before)
}

func TestRefusedEvents(t *testing.T) {
	j := create(t, t.TempDir())
	refuse := func(e Event, want string) {
		t.Helper()
		if err := j.Append(e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that says %q", e.kind(), err, want)
		}
	}
	refuse(Warned{}, "has not started")
	refuse(Started{harness.Record{Schema: "leaklab/run/v0"}}, `"leaklab/run/v0"`)
	appendAll(t, j, story()[:5])
	refuse(story()[0], "started already")
	refuse(Checkpoint{Variant: "nobody"}, `"nobody"`)
	refuse(Finished{Seconds: math.NaN()}, "NaN")
	equal(t, "refused events changed the record", Fold(story()[:5]), j.Record())
	got, err := Read(j.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Variants[0].Checkpoints) != 1 {
		t.Errorf("refused events are in the journal: %+v", got)
	}
}

// TestBrokenDisk closes the file below the journal: every write fails.
func TestBrokenDisk(t *testing.T) {
	j := create(t, t.TempDir())
	events := story()
	appendAll(t, j, events[:3])
	if err := j.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(events[3]); !errors.Is(err, os.ErrClosed) {
		t.Errorf("first error %v, want the disk's", err)
	}
	appendAll(t, j, events[4:]) // the error is told once
	equal(t, "in memory", Fold(events), j.Record())

	got, err := Read(j.Dir())
	if err != nil {
		t.Fatal(err)
	}
	want := Fold(events[:3])
	want.Warnings = got.Warnings
	equal(t, "what was written before", want, got)
}

func TestCreateRefusesARun(t *testing.T) {
	for _, name := range []string{RecordFile, JournalFile} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), "mine")
		write(t, filepath.Join(dir, profilesDir, "old", "000.pb.gz"), "mine")
		if _, err := Create(dir, false); !errors.Is(err, ErrExists) {
			t.Errorf("%s: error %v, want ErrExists", name, err)
		}
		if got := read(t, filepath.Join(dir, name)); got != "mine" {
			t.Errorf("%s was changed to %q", name, got)
		}
		j, err := Create(dir, true)
		if err != nil {
			t.Errorf("%s, forced: %v", name, err)
			continue
		}
		_ = j.Close()
		for _, old := range []string{RecordFile, profilesDir} {
			if _, err := os.Stat(filepath.Join(dir, old)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s, forced: %s of the old run is still there", name, old)
			}
		}
	}
}

func TestForceLeavesStrangersAlone(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, profilesDir, "a"), "not of a run")
	j, err := Create(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	if got := read(t, filepath.Join(dir, profilesDir, "a")); got != "not of a run" {
		t.Errorf("a stranger's file now holds %q", got)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
