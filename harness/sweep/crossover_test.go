package sweep

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	nan     = math.NaN()
	metric  = Metric{Name: "CPU", Tie: 1.5}
	decades = []float64{10, 100, 1000, 10_000}
)

func crossed(a, b []float64) []Crossover {
	return Crossovers([]Metric{metric}, "n", decades, func(Metric) []Curve { return []Curve{{"a", a}, {"b", b}} })
}

func TestCrossovers(t *testing.T) {
	flat := []float64{10, 10, 10, 10}
	for _, tt := range []struct {
		name string
		a, b []float64
		want []Crossover
	}{
		{"a power against a constant meets it in the middle", []float64{1, 4, 25, 100}, flat,
			[]Crossover{{Lower: "a", Upper: "b", At: 316.2, From: 100, To: 1000}}},
		{"the other way round", flat, []float64{1, 4, 25, 100},
			[]Crossover{{Lower: "b", Upper: "a", At: 316.2, From: 100, To: 1000}}},
		{"one is always smaller", []float64{1, 1, 1, 1}, flat, nil},
		{"noise turns nothing over", []float64{9, 11, 9, 11}, flat, nil},
		{"a tie between is bridged", []float64{1, 10, 10, 100}, flat,
			[]Crossover{{Lower: "a", Upper: "b", At: 316.2, From: 10, To: 10_000}}},
		{"what is not known is bridged", []float64{1, nan, 0, 1000}, flat,
			[]Crossover{{Lower: "a", Upper: "b", At: 100, From: 10, To: 10_000}}},
		{"a tie at the end is no order", []float64{1, 1, 1, 10}, flat, nil},
		{"twice over", []float64{1, 100, 100, 1}, flat,
			[]Crossover{{Lower: "a", Upper: "b", At: 31.62, From: 10, To: 100}, {Lower: "b", Upper: "a", At: 3162, From: 1000, To: 10_000}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := crossed(tt.a, tt.b)
			for i := range got {
				got[i].Metric, got[i].Key = Metric{}, ""
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0.001, 0), cmpopts.IgnoreFields(Metric{}, "Of")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestMetricsWithoutATieAreNotCompared(t *testing.T) {
	got := Crossovers([]Metric{{Name: "p99"}}, "n", decades, func(Metric) []Curve {
		return []Curve{{"a", []float64{1, 1, 100, 100}}, {"b", []float64{10, 10, 10, 10}}}
	})
	if got != nil {
		t.Errorf("got %v, want nothing", got)
	}
}
