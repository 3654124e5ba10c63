package judge

import (
	"fmt"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// endedByMemory tells whether the target reached its memory ceiling, or was killed
// at its memory limit.
func endedByMemory(e Evidence) bool {
	return e.Death != nil && (e.Death.Cause == harness.MemoryCeiling || e.Death.Cause == harness.OOMKilled)
}

// memoryReasons says that the memory ceiling, or the limit, was reached, where it
// was.
func memoryReasons(e Evidence) []harness.Reason {
	switch {
	case !endedByMemory(e):
		return nil
	case e.Death.Cause == harness.OOMKilled:
		return []harness.Reason{{Code: harness.OOMKilled, Measured: e.Death.AtSeconds, Budget: e.Death.ForecastSeconds, Unit: "seconds",
			Text: killedText(*e.Death)}}
	}
	return []harness.Reason{{Code: harness.MemoryCeiling, Measured: e.Death.AtSeconds, Unit: "seconds",
		Text: fmt.Sprintf("the load was stopped after %.1f s: %s", e.Death.AtSeconds, e.Death.Evidence)}}
}

// killedText tells the end of a target as an incident does: when, against what was
// foretold; how it is known; how often it would happen.
func killedText(d harness.Death) string {
	text := fmt.Sprintf("killed for its memory after %.1f s", d.AtSeconds)
	if d.ForecastSeconds != nil {
		text += fmt.Sprintf(", foretold for %.1f s", *d.ForecastSeconds)
	}
	if d.AtSeconds > 0 {
		text += fmt.Sprintf(", which is %.0f restarts an hour", time.Hour.Seconds()/d.AtSeconds)
	}
	if d.GCShare != nil {
		text += fmt.Sprintf("; collections took %.1f %% of the processors in the end", 100**d.GCShare)
	}
	return text + "; " + d.Evidence
}
