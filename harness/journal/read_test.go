package journal

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func lines(t testing.TB, events []Event) []byte {
	t.Helper()
	var all []byte
	for _, e := range events {
		line, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line...)
	}
	return all
}

func TestTornLastLine(t *testing.T) {
	whole := lines(t, story()[:5])
	end := len(lines(t, story()[:4]))
	for _, cut := range []int{end, end + 1, (end + len(whole)) / 2, len(whole) - 1} {
		got, err := parseJournal(whole[:cut])
		if err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, len(whole), err)
		}
		equal(t, "torn journal", Fold(story()[:4]), got)
	}
}

func TestDamagedLine(t *testing.T) {
	start, rest := string(lines(t, story()[:1])), string(lines(t, story()[1:2]))
	for name, damaged := range map[string]string{
		"junk":               "junk\n",
		"an unknown variant": string(lines(t, []Event{Checkpoint{Variant: "nobody"}})),
		"a wrong type":       `{"event":"finished","data":{"seconds":"soon"}}` + "\n",
	} {
		_, err := parseJournal([]byte(start + damaged + rest))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != 2 {
			t.Errorf("%s: error %v, want a syntax error in line 2", name, err)
		}
	}
	newer := start + `{"event":"moon-phase","data":{}}` + "\n" + rest
	got, err := parseJournal([]byte(newer))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "an event of a newer leaklab is left out", Fold(story()[:2]), got)
}

func TestReadFallsBackToTheJournal(t *testing.T) {
	for name, record := range map[string]*string{"missing": nil, "damaged": new(`{"schema":"leak`), "of another schema": new("{}")} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, JournalFile), string(lines(t, story()[:4])))
		if record != nil {
			write(t, filepath.Join(dir, RecordFile), *record)
		}
		for _, path := range []string{dir, filepath.Join(dir, RecordFile)} {
			got, err := Read(path)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			want := Fold(story()[:4])
			want.Warnings = []harness.Warning{{Code: "journal", Text: "run.json is missing or damaged: this is what the journal says"}}
			equal(t, name, want, got)
		}
	}
}

func TestReadFails(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), RecordFile) {
		t.Errorf("empty directory: error %v, want that run.json does not exist", err)
	}
	if _, err := Read(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: error %v", err)
	}
	write(t, filepath.Join(dir, RecordFile), "{}")
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), harness.RecordSchema) {
		t.Errorf("no schema: error %v, want one that names the wanted schema", err)
	}
	write(t, filepath.Join(dir, RecordFile), `{"schema":"leaklab/run/v1","outcome":"pass","variants":[]}`)
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "invariant 5") {
		t.Errorf("an outcome out of nowhere: error %v, want one that names the invariant", err)
	}
	write(t, filepath.Join(dir, JournalFile), "")
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "no start") {
		t.Errorf("empty journal: error %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, RecordFile), MaxBytes+1); err != nil {
		t.Fatal(err)
	}
	if _, err := readFile(filepath.Join(dir, RecordFile), parseRecord); err == nil || !strings.Contains(err.Error(), "want at most") {
		t.Errorf("huge file: error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(lines(f, story()))
	f.Add(lines(f, story()[:1]))
	record, err := json.Marshal(Fold(story()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	f.Add([]byte(`{"event":"started","data":{"record":{"schema":"leaklab/run/v1","variants":[{"name":""}]}}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) (harness.Record, error){parseJournal, parseRecord} {
			r, err := parse(data)
			if err != nil {
				continue
			}
			again, err := json.Marshal(r)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			back, err := parseRecord(again)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			if diff := cmp.Diff(r, back); diff != "" {
				t.Errorf("parse(write(x)) is not x (-x +got):\n%s", diff)
			}
		}
	})
}
