package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// parts decomposes the growth by what it is paid per, as far as experiments were
// made: a repeat pays for the request alone, a fresh request for its key too, a
// repeat over a new connection for that, and an idle second for time. Parts
// within the floor are left out.
func (f *finding) parts() []harness.Part {
	e := f.evidence
	fresh, repeat := f.rates(harness.Fresh), f.rates(harness.Fresh)
	var candidates []harness.Part
	if rounds(e.Checkpoints, harness.Replay) >= clearReplayRounds {
		repeat = f.rates(harness.Replay)
		candidates = append(candidates, repeat.part(harness.PerRequest, "request"), fresh.minus(repeat).part(harness.PerKey, "key"))
		if idle := splice(e.Checkpoints, harness.Idle); f.driven(idle) {
			candidates = append(candidates, f.secondPart())
		}
	}
	parts := slices.DeleteFunc(candidates, func(p harness.Part) bool {
		return p.Bytes <= e.Floor.BytesPerRequest && p.Objects <= e.Floor.ObjectsPerRequest && p.Goroutines <= e.Floor.GoroutinesPerRequest
	})
	if rounds(e.Checkpoints, harness.Reconnect) >= minReconnectRounds {
		p := f.rates(harness.Reconnect).minus(repeat).part(harness.PerConnection, "connection")
		if p.Bytes > bytesPerConnection || p.Objects > objectsPerConnection || p.Goroutines > goroutinesPerConnection {
			parts = append(parts, p)
		}
	}
	if parts == nil {
		return []harness.Part{} // null would be unknown
	}
	return parts
}

// rates is the growth of each channel for each unit, bytes with a bound.
type rates struct {
	bytes, bytesLow, objects, goroutines float64
}

func (r rates) minus(other rates) rates {
	return rates{r.bytes - other.bytes, r.bytesLow - other.bytes, r.objects - other.objects, r.goroutines - other.goroutines}
}

func (r rates) part(driver harness.Driver, unit string) harness.Part {
	return harness.Part{Driver: driver, Bytes: r.bytes, BytesLow: r.bytesLow, Objects: r.objects, Goroutines: r.goroutines, Unit: unit}
}

// rates is the growth a request in the rounds of one kind.
func (f *finding) rates(round harness.Round) rates {
	series := splice(f.evidence.Checkpoints, round)
	slope := func(k kind) (float64, float64) {
		line, ok := trend.TheilSen(read(k, series), trend.Z99)
		if !ok {
			return 0, 0
		}
		return line.Slope, line.Low
	}
	var r rates
	r.bytes, r.bytesLow = slope(liveBytes)
	r.objects, _ = slope(liveObjects)
	r.goroutines, _ = slope(goroutines)
	return r
}

// driven tells whether anything grew in idle rounds by more than its slack.
func (f *finding) driven(idle []harness.Checkpoint) bool {
	for _, c := range f.channels {
		if grows(c, idle, 0, overSeconds) {
			return true
		}
	}
	return false
}

// secondPart is the growth a second without load.
func (f *finding) secondPart() harness.Part {
	idle := splice(f.evidence.Checkpoints, harness.Idle)
	first, last := idle[0], idle[len(idle)-1]
	seconds := max(1, last.AtSeconds-first.AtSeconds)
	bytes := float64(last.LiveHeapBytes-first.LiveHeapBytes) / seconds
	return harness.Part{
		Driver:     harness.PerTime,
		Bytes:      bytes,
		BytesLow:   bytes,
		Objects:    float64(last.LiveObjects-first.LiveObjects) / seconds,
		Goroutines: float64(last.Goroutines-first.Goroutines) / seconds,
		Unit:       "second",
	}
}
