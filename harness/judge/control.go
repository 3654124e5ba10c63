package judge

import (
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// mostRaised bounds what a control's drift may excuse, as a multiple of the
// floor: a control that grows by more than that is no control, and its own
// verdict says so.
const mostRaised = 4

// raised is the floor where a control drifts by more than it in the same run: the
// upper bound of its slope is what the others are allowed. The noise of a machine
// is better known from a clean twin beside a variant than from any other day
// (Matias and others, 2016).
func (f Floor) raised(e Evidence) Floor {
	fresh := splice(e.Control, harness.Fresh)
	if len(fresh)-1 < e.Load.Segments.Min {
		return f
	}
	drift := func(k kind, floor float64) float64 {
		line, ok := trend.TheilSen(read(k, fresh), trend.Z99)
		if !ok {
			return floor
		}
		return max(floor, min(line.High, mostRaised*floor))
	}
	f.BytesPerRequest = drift(liveBytes, f.BytesPerRequest)
	f.ObjectsPerRequest = drift(liveObjects, f.ObjectsPerRequest)
	f.GoroutinesPerRequest = drift(goroutines, f.GoroutinesPerRequest)
	f.OffHeapPerRequest = drift(offHeap, f.OffHeapPerRequest)
	return f
}
