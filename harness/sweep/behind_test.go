package sweep

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFallBehind(t *testing.T) {
	flat := []float64{10, 10, 10, 10}
	for _, tt := range []struct {
		name string
		more bool
		a    []float64
		want []Behind
	}{
		{"never", false, []float64{1, 10, 14, 12}, []Behind{{Variant: "flat", Best: "a", To: 10, Factor: 10, Where: 10}}},
		{"in the end", false, []float64{10, 10, 22.5, 100},
			[]Behind{{Variant: "a", Best: "flat", Within: 316.2, From: 100, To: 1000, Factor: 10, Where: 10_000}}},
		{"from the beginning", false, []float64{20, 40, 40, 20},
			[]Behind{{Variant: "a", Best: "flat", To: 10, Factor: 4, Where: 100}}},
		{"not known between", false, []float64{10, nan, 0, 22.5},
			[]Behind{{Variant: "a", Best: "flat", Within: 316.2, From: 10, To: 10_000, Factor: 2.25, Where: 10_000}}},
		{"where more is better", true, []float64{10, 10, 22.5, 100},
			[]Behind{{Variant: "flat", Best: "a", Within: 316.2, From: 100, To: 1000, Factor: 10, Where: 10_000}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := metric
			m.More = tt.more
			got := FallBehind([]Metric{m, {Name: "p99"}}, "", decades, func(Metric) []Curve { return []Curve{{"a", tt.a}, {"flat", flat}} })
			for i := range got {
				got[i].Metric = Metric{}
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0.001, 0), cmpopts.IgnoreFields(Metric{}, "Of")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
