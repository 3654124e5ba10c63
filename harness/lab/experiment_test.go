package lab

import (
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// What rests is read beside others' floods: it would wait for the end of all of them
// else, with its own experiments to come.
func TestRestBesideAFlood(t *testing.T) {
	flooded, resting, fresh := &subject{wants: harness.Flood}, &subject{wants: harness.Rest, round: harness.Rest}, &subject{wants: harness.Rest, round: harness.Flood}
	r := &run{subjects: []*subject{flooded, resting, fresh, {}}, ends: time.Now().Add(time.Minute)}
	r.plan.Scenario.Load = harness.DefaultLoad()
	steps := r.nextSteps()
	if steps[flooded].round != harness.Flood || steps[flooded].count == 0 {
		t.Errorf("the flood is %+v", steps[flooded])
	}
	if st, ok := steps[resting]; !ok || st.round != harness.Rest || st.pause != 0 || st.count != 0 {
		t.Errorf("the rest beside it is %+v, made %t; want one as long as the flood takes", st, ok)
	}
	if st := steps[fresh]; st.pause != restPause {
		t.Errorf("the rest after a flood of its own is %+v; want %s", st, restPause)
	}
	if len(steps) != 3 {
		t.Errorf("%d steps; want none of a verdict that is settled", len(steps))
	}
}
