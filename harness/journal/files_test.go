package journal

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree lists the files below a directory.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestFilesOfARun(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir)
	for _, variant := range []string{"leaky", "leaky", "set"} {
		rel, err := j.Profile(variant, []byte(variant))
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(dir, filepath.FromSlash(rel))); got != variant {
			t.Errorf("%s holds %q, want %q", rel, got, variant)
		}
	}
	if err := j.Write("report.md", []byte("# report\n")); err != nil {
		t.Fatal(err)
	}
	appendAll(t, j, story())
	for range 2 { // the second replaces the first
		if err := j.Save(j.Record()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"journal.jsonl", "profiles/leaky/000.pb.gz", "profiles/leaky/001.pb.gz", "profiles/set/000.pb.gz",
		"report.md", "run.json",
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if runtime.GOOS == "windows" {
		return // no such permissions
	}
	for _, name := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != fileMode {
			t.Errorf("%s has mode %o, want %o", name, info.Mode().Perm(), fileMode)
		}
	}
}

func TestSaveRefusesAnInvalidRecord(t *testing.T) {
	j := create(t, t.TempDir())
	r := Fold(story())
	r.Variants[0].AsExpected = false
	if err := j.Save(r); err == nil {
		t.Error("a record that contradicts itself was saved")
	}
	if diff := cmp.Diff([]string{JournalFile}, tree(t, j.Dir())); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFailedSaveLeavesNothingBeside(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir)
	appendAll(t, j, story())
	write(t, filepath.Join(dir, RecordFile, "in", "the-way"), "")
	if err := j.Save(j.Record()); err == nil {
		t.Error("no error although a directory is in the way")
	}
	want := []string{"journal.jsonl", "run.json/in/the-way"}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestNamesStayInTheDirectory(t *testing.T) {
	dir := t.TempDir()
	j := create(t, filepath.Join(dir, "run"))
	for _, variant := range []string{"", ".", "..", "a/b", `a\b`, "../x"} {
		if rel, err := j.Profile(variant, nil); err == nil {
			t.Errorf("variant %q is stored as %s", variant, rel)
		}
	}
	for _, name := range []string{"", "../x", "/x", RecordFile, JournalFile, "sub/" + RecordFile} {
		if err := j.Write(name, nil); err == nil {
			t.Errorf("file %q is written", name)
		}
	}
	if diff := cmp.Diff([]string{"run/journal.jsonl"}, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
