package reports

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// The memory beside the trade-offs is read before a flood, after which a cache and
// a leak are no longer alike: a reader must know.
func TestMemoryIsOfTheLoadAskedFor(t *testing.T) {
	const said = "at the end of the load that was asked for"
	r := goldenRecord(t)
	for _, round := range []harness.Round{"", harness.Replay, harness.Flood, harness.Sampling} {
		v := &r.Variants[0]
		last := v.Checkpoints[len(v.Checkpoints)-1]
		last.Round, last.LiveHeapBytes = round, 1<<40
		of := r
		of.Variants = append([]harness.Result{*v}, r.Variants[1:]...)
		of.Variants[0].Checkpoints = append(v.Checkpoints[:len(v.Checkpoints):len(v.Checkpoints)], last)
		more := round == harness.Flood || round == harness.Sampling
		text := render(t, Text, of, Options{})
		if strings.Contains(text, said) != more || strings.Contains(render(t, Markdown, of, Options{}), said) != more {
			t.Errorf("after a %s round: said or not, want %t:\n%s", round.OrDefault(), more, text)
		}
		if shown := strings.Contains(text, "1 TiB"); shown == more {
			t.Errorf("after a %s round its memory is shown: %t", round.OrDefault(), shown)
		}
	}
}
