package journal

import (
	"os"
	"testing"
)

func TestInMemoryWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	j := InMemory()
	appendAll(t, j, story())
	equal(t, "in memory", Fold(story()), j.Record())
	path, err := j.Profile("leaky", []byte("profile"))
	if err != nil || path != "" || j.Dir() != "" {
		t.Errorf("profile %q in %q, %v: want none", path, j.Dir(), err)
	}
	for what, err := range map[string]error{"save": j.Save(j.Record()), "write": j.Write("report.md", nil), "close": j.Close()} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("%v was written, %v", entries, err)
	}
}
