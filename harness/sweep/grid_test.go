package sweep

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGridIsEveryCombinationWithEveryVariant(t *testing.T) {
	points, err := Grid([]Axis{{"data.n", []string{"1", "2"}}, {"load.rate", []string{"5/s", "max"}}}, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range points {
		names = append(names, p.Name)
		if p.State != ToDo {
			t.Errorf("%s is %s, want it to do", p.Name, p.State)
		}
	}
	want := []string{
		"data.n=1,load.rate=5%2Fs/a", "data.n=1,load.rate=5%2Fs/b", "data.n=1,load.rate=max/a", "data.n=1,load.rate=max/b",
		"data.n=2,load.rate=5%2Fs/a", "data.n=2,load.rate=5%2Fs/b", "data.n=2,load.rate=max/a", "data.n=2,load.rate=max/b",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if got := points[7].Value("load.rate"); got != "max" {
		t.Errorf("value of the last point: %q, want max", got)
	}
}

func TestGridIsBounded(t *testing.T) {
	hundred := make([]string, 100)
	axes := []Axis{{"a", hundred}, {"b", hundred}, {"c", hundred}, {"d", hundred}, {"e", hundred}}
	if _, err := Grid(axes, []string{"x"}); err == nil {
		t.Error("a sweep of ten thousand million points is taken on")
	}
}
