package compare

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func estimate(value, low, high float64) *Estimate { return &Estimate{value, &low, &high} }

func TestChange(t *testing.T) {
	got := change(estimate(10, 7, 14), estimate(30, 26, 33))
	if got.Value != 20 || *got.Low != 20-math.Hypot(4, 4) || *got.High != 20+math.Hypot(3, 3) {
		t.Errorf("change %v in %v to %v, want 20 in 20 − √32 to 20 + √18", got.Value, *got.Low, *got.High)
	}
	if got := change(estimate(10, 7, 14), &Estimate{Value: 30}); got.Value != 20 || got.Low != nil || got.High != nil {
		t.Errorf("change %+v, want 20 without an interval", got)
	}
	if got := change(nil, estimate(1, 1, 1)); got != nil {
		t.Errorf("change from what was not measured: %+v, want none", got)
	}
}

func TestDirection(t *testing.T) {
	for _, tt := range []struct {
		name       string
		base, head *Estimate
		want       Direction
	}{
		{"rose beyond floor and interval", estimate(100, 99, 101), estimate(120, 119, 121), Rose},
		{"within the interval", estimate(100, 80, 120), estimate(120, 100, 140), Held},
		{"within the floor", estimate(100, 100, 100), estimate(110, 110, 110), Held},
		{"within two percent", estimate(1000, 1000, 1000), estimate(1019, 1019, 1019), Held},
		{"fell", estimate(100, 99, 101), estimate(80, 79, 81), Fell},
		{"no interval", &Estimate{Value: 1}, &Estimate{Value: 1e9}, ""},
		{"not measured", nil, estimate(1, 1, 1), ""},
	} {
		if got := newFigure("figure", "bytes", 10, tt.base, tt.head).Direction; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFiguresAreOfFreshRounds(t *testing.T) {
	v := result("app", 10, 0, 0, 4000)
	for range len(v.Checkpoints) {
		replay := v.Checkpoints[len(v.Checkpoints)-1]
		replay.Round, replay.LoadAllocBytes = harness.Replay, 1<<30
		replay.Requests += 100
		v.Checkpoints = append(v.Checkpoints, replay)
	}
	if got := perRequest(v, allocated); got == nil || math.Abs(got.Value-4000) > 1 {
		t.Errorf("churn %+v, want 4000: a replay is no round to compare", got)
	}
	v.Checkpoints = v.Checkpoints[:2]
	if got := perRequest(v, allocated); got != nil {
		t.Errorf("churn of one round: %+v, want none", got)
	}
}

func TestGrowthIsOfTheBudgetsTime(t *testing.T) {
	figure := func(base, head harness.Record) Figure {
		t.Helper()
		c, err := Compare(base, head, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range c.Variants[0].Figures {
			if f.Code == Growth {
				return f
			}
		}
		t.Fatal("no figure of growth")
		return Figure{}
	}
	base, head := runOf20(result("app", 10, 0, 0, 4000)), runOf20(result("app", 20, 0, 0, 4000))
	if f := figure(base, head); f.Base.Value != 10*100*30 || f.Head.Value != 20*100*30 {
		t.Errorf("growth in 30 s at 100/s: %v and %v bytes, want 30000 and 60000", f.Base.Value, f.Head.Value)
	}
	base.Spec.Load.Rate, head.Spec.Load.Rate = harness.MaxRate, harness.MaxRate
	base.Variants[0].Load.RatePerSecond, head.Variants[0].Load.RatePerSecond = 1000, 9000
	head.Spec.Budget, base.Spec.Budget = harness.Budget{}, harness.Budget{}
	if f := figure(base, head); f.Base.Value != 10*1000*3600 || f.Head.Value != 20*1000*3600 {
		t.Errorf("growth in an hour at the base's 1000/s: %v and %v bytes", f.Base.Value, f.Head.Value)
	}
}

func TestJSONHasNoInfinity(t *testing.T) {
	empty := harness.Result{Name: "app"}
	c, err := Compare(runOf20(empty), runOf20(empty), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}
