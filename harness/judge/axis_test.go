package judge_test

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// jobs makes evidence one of load from elsewhere.
func jobs(e *judge.Evidence) { e.NoReplay, e.Axis = true, "jobs_total" }

func TestReasonsNameTheAxis(t *testing.T) {
	growing := readings{bytes: ramp(336), objects: ramp(2), goroutines: ramp(0.1), offHeap: ramp(9000)}
	for name, test := range map[string]struct {
		readings readings
		change   func(*judge.Evidence)
		want     harness.Outcome
	}{
		"growth that nothing explains": {growing, jobs, harness.Inconclusive},
		"growth past the keys":         {growing, func(e *judge.Evidence) { jobs(e); e.Budget.Keys = 500 }, harness.Fail},
		"no growth":                    {readings{bytes: noise(1, 200)}, jobs, harness.Pass},
		"growth that stopped":          {readings{bytes: ramp(400).until(300), objects: ramp(3).until(300)}, jobs, harness.Pass},
		"growth that late stopped":     {readings{bytes: ramp(400).until(1500), objects: ramp(3).until(1500)}, jobs, harness.Inconclusive},
	} {
		v, _ := test.readings.run(test.change)
		if v.Outcome != test.want {
			t.Errorf("%s: %s, want %s", name, v.Outcome, test.want)
		}
		for _, r := range v.Reasons {
			if !strings.Contains(r.Text, "jobs_total") && !strings.Contains(r.Text, "keys") || strings.Contains(r.Text, " a request") || strings.HasSuffix(r.Unit, "/request") {
				t.Errorf("%s: %q in %s, want it told for each of jobs_total", name, r.Text, r.Unit)
			}
		}
	}
}

// Of a process that tells nothing of itself, the footprint is all that is judged.
func TestFootprintAlone(t *testing.T) {
	blind := func(e *judge.Evidence) {
		e.Floor = judge.FootprintFloor
		for i := range e.Checkpoints {
			c := &e.Checkpoints[i]
			c.LiveHeapBytes, c.LiveObjects, c.Goroutines, c.LoadAllocBytes = 0, 0, 0, 0
		}
	}
	for name, test := range map[string]struct {
		offHeap signal
		want    harness.Outcome
		class   harness.Class
		text    string
	}{
		"wanders":             {noise(7, 1.3e6), harness.Pass, harness.Steady, "no growth above"},
		"grows":               {ramp(8192).plus(noise(6, 3e5)), harness.Fail, harness.Footprint, "the footprint of the process grows by 8"},
		"an arena, then rest": {ramp(30_000).until(500).plus(noise(8, 3e5)), harness.Pass, harness.Plateau, "up to a bound"},
	} {
		v, _ := readings{offHeap: test.offHeap}.run(blind)
		if v.Outcome != test.want || v.Class != test.class || !strings.Contains(v.Reasons[0].Text, test.text) {
			t.Errorf("%s: %s, %s: %+v; want %s, %s: %s", name, v.Outcome, v.Class, v.Reasons, test.want, test.class, test.text)
		}
		if v.SlopeBytesPerRequest != nil || v.ObjectsPerRequest != nil || v.GrowthBytes != nil || v.Warnings[0].Code != "footprint-only" {
			t.Errorf("%s: slope %v, objects %v, growth %v, warnings %+v; want nothing of a heap", name,
				v.SlopeBytesPerRequest, v.ObjectsPerRequest, v.GrowthBytes, v.Warnings)
		}
	}
}
