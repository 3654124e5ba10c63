package lab

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

// A run that says nothing for long is told of all the same, as far as it was.
func TestProgressGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Progress
		r := &run{parts: Parts{Progress: func(p Progress) { told = append(told, p) }}}
		r.plan.Scenario.Load.Segments = harness.Segments{Min: 6, Max: 40}
		r.plan.Scenario.Load.Segment = 40
		stop := r.beating()
		r.report(Progress{Phase: Measuring, Variants: []Standing{{Name: "x"}}, Note: "once"})
		time.Sleep(3*beat + time.Second)
		stop()
		time.Sleep(2 * beat)
		again := Progress{Phase: Measuring, Min: 6, Max: 40}
		first := again
		first.Variants, first.Note = []Standing{{Name: "x"}}, "once"
		if diff := cmp.Diff([]Progress{first, again, again, again}, told); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
	})
}
