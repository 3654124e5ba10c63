package harness

import (
	"fmt"
	"math"
	"testing"
)

func validRecord() Record {
	slope := 53.0
	return Record{
		Schema: RecordSchema, ID: "r", Outcome: Pass, Complete: true,
		Spec: Scenario{Load: Load{Rate: MaxRate}, Data: map[string]any{"share": 0.5, "seed": nil}},
		Variants: []Result{
			{Name: "leaky", Expect: ExpectLeak, AsExpected: true, Verdict: Verdict{Outcome: Fail, Class: Leak, SlopeBytesPerRequest: &slope},
				Checkpoints: []Checkpoint{{}, {Requests: 40, AtSeconds: 1}, {Requests: 40, AtSeconds: 1}},
				Timeline:    []Sample{{AtSeconds: 0.5}}},
			{Name: "array", AsExpected: true, Verdict: Verdict{Outcome: Pass}},
		},
	}
}

func TestRecordInvariants(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		change func(*Record)
		want   string
	}{
		{func(*Record) {}, "<nil>"},
		{func(r *Record) { r.Schema = "v0" }, `record "r": schema = "v0", want "leaklab/run/v1" (invariant 1)`},
		{func(r *Record) { r.Variants[1].Name = "" }, `record "r": variants[1].name = "", want a name that no other variant has (invariant 1)`},
		{func(r *Record) { r.Variants[1].Name = "leaky" }, `record "r": variants[1].name = "leaky", want a name that no other variant has (invariant 1)`},
		{func(r *Record) { r.Variants[0].Checkpoints[2].Requests = 39 },
			`record "r": variants[0].checkpoints[2].requests = 39, want at least the 40 before (invariant 2)`},
		{func(r *Record) { r.Variants[0].Checkpoints[2].AtSeconds = 0.5 },
			`record "r": variants[0].checkpoints[2].at_seconds = 0.5, want at least the 1 before (invariant 2)`},
		{func(r *Record) { r.Seconds = math.Inf(1) }, `record "r": seconds = +Inf, want a finite number, or null (invariant 3)`},
		{func(r *Record) { r.Variants[0].Verdict.SlopeBytesPerRequest = &nan },
			`record "r": variants[0].verdict.slope_bytes_per_request = NaN, want a finite number, or null (invariant 3)`},
		{func(r *Record) { r.Variants[0].Timeline[0].AtSeconds = nan },
			`record "r": variants[0].timeline[0].at_seconds = NaN, want a finite number, or null (invariant 3)`},
		{func(r *Record) { r.Spec.Load.Rate = Rate(nan) }, `record "r": spec.load.rate = NaN, want a finite number, or null (invariant 3)`},
		{func(r *Record) { r.Spec.Data["share"] = nan }, `record "r": spec.data.share = NaN, want a finite number, or null (invariant 3)`},
		{func(r *Record) { r.Variants[1].AsExpected = false },
			`record "r": variants[1].as_expected = false, want what follows from expect clean and verdict pass (invariant 4)`},
		{func(r *Record) { r.Variants[1].Suppressed = true },
			`record "r": variants[1].suppressed = true, want what follows from the scenario's suppressions and the blame (invariant 6)`},
		{func(r *Record) { r.Suppressions = []SuppressionResult{{"0123456789ab", Matched}} },
			`record "r": suppressions = [{0123456789ab matched}], want [], which follows from the scenario's, the blame and started_at (invariant 6)`},
		{func(r *Record) { r.Complete = false },
			`record "r": outcome = "pass", want "inconclusive", which follows from the variants and complete = false (invariant 5)`},
		{func(r *Record) { r.Outcome = Fail },
			`record "r": outcome = "fail", want "pass", which follows from the variants and complete = true (invariant 5)`},
	} {
		r := validRecord()
		test.change(&r)
		if got := fmt.Sprint(r.Validate()); got != test.want {
			t.Errorf("error\n got %s\nwant %s", got, test.want)
		}
	}
}
