package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a scenario does not have, such as answers to compare, takes no column.
func TestUnknownColumnsAreLeftOut(t *testing.T) {
	g := grid{header: []string{"variant", "wrong", "in Redis", "churn"}}
	g.add(plain, "main", unknown, unknown, unknown)
	g.add(plain, "branch", unknown, "4 KiB", unknown)
	g.dropUnknown("wrong", "in Redis")
	want := [][]string{{"variant", "in Redis", "churn"}, {"main", unknown, unknown}, {"branch", "4 KiB", unknown}}
	if diff := cmp.Diff(want, append([][]string{g.header}, g.rows...)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	var empty grid
	empty.header = []string{"variant", "wrong"}
	if empty.dropUnknown("wrong"); len(empty.header) != 2 {
		t.Errorf("header of no rows: %q", empty.header)
	}
}
