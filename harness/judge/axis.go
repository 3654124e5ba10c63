package judge

import (
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// each is what growth is told for: a request, or a unit of what was counted in
// the place of requests.
func (e Evidence) each() string {
	if e.Axis == "" {
		return "a request"
	}
	return "per " + e.Axis
}

// amount is a distance on the axis.
func (e Evidence) amount(n float64) string {
	if e.Axis == "" {
		return harness.FormatCount(n) + " requests"
	}
	return harness.FormatCount(n) + " " + e.Axis
}

// at is a place on the axis.
func (e Evidence) at(n float64) string {
	if e.Axis == "" {
		return "request " + harness.FormatCount(n)
	}
	return e.amount(n)
}

// inUnitsOf names the axis in the units of reasons.
func inUnitsOf(axis string, reasons []harness.Reason) {
	if axis == "" {
		return
	}
	for i := range reasons {
		if counted, found := strings.CutSuffix(reasons[i].Unit, "/request"); found {
			reasons[i].Unit = counted + "/" + axis
		}
	}
}
