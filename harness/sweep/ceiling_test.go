package sweep

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// at is a point with a footprint; death is how it ended, if it did.
func at(n, variant string, peak float64, death string) Point {
	return Point{
		Settings: []Setting{{"n", n}, {"mode", "x"}}, Variant: variant, State: Done,
		Figures: &Figures{PeakRSSBytes: &peak, CeilingBytes: 1000, Death: death},
	}
}

func TestCeiling(t *testing.T) {
	other := at("100", "a", 999, "")
	other.Settings = []Setting{{"n", "100"}, {"mode", "y"}}
	for _, tt := range []struct {
		name string
		done []Point
		want string
	}{
		{"nothing is known", nil, ""},
		{"one smaller value tells no line", []Point{at("100", "a", 900, "")}, ""},
		{"a line below the ceiling", []Point{at("10", "a", 90, ""), at("100", "a", 95, "")}, ""},
		{"a line past it", []Point{at("100", "a", 300, ""), at("10", "a", 30, "")},
			"a footprint of 2.93 KiB is expected from those at 10 and 100, past the ceiling of 1000 B"},
		{"a line somewhat past it", []Point{at("10", "a", 60, ""), at("100", "a", 300, "")}, ""},
		{"a line that falls", []Point{at("10", "a", 990, ""), at("100", "a", 900, "")}, ""},
		{"ended there", []Point{at("100", "a", 1001, harness.MemoryCeiling)}, "ended at memory-ceiling: n = 100 already"},
		{"crashed there", []Point{at("100", "a", 10, harness.Crashed)}, ""},
		{"another variant", []Point{at("10", "b", 30, ""), at("100", "b", 300, harness.MemoryCeiling)}, ""},
		{"larger values", []Point{at("10000", "a", 1001, harness.MemoryCeiling)}, ""},
		{"another value beside it", []Point{at("10", "a", 90, ""), other}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Ceiling(tt.done, at("1000", "a", 0, "")); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
