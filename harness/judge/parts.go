package judge

import (
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
	var candidates []candidate
	if rounds(e.Checkpoints, harness.Replay) >= clearReplayRounds {
		repeat = f.rates(harness.Replay)
		candidates = append(candidates, repeat.part(harness.PerRequest, "request"), fresh.minus(repeat).part(harness.PerKey, "key"))
		if idle := splice(e.Checkpoints, harness.Idle); f.driven(idle) {
			second := f.second()
			candidates[0] = repeat.minus(second.times(secondsPerRequest(splice(e.Checkpoints, harness.Replay)))).part(harness.PerRequest, "request")
			candidates = append(candidates, second.part(harness.PerTime, "second"))
		}
	}
	parts := []harness.Part{} // null would be unknown
	for _, c := range candidates {
		if c.above(e.Floor.BytesPerRequest, e.Floor.ObjectsPerRequest, e.Floor.GoroutinesPerRequest) {
			parts = append(parts, c.Part)
		}
	}
	if rounds(e.Checkpoints, harness.Reconnect) >= minReconnectRounds {
		p := f.rates(harness.Reconnect).minus(repeat).part(harness.PerConnection, "connection")
		if p.above(bytesPerConnection, objectsPerConnection, goroutinesPerConnection) {
			parts = append(parts, p.Part)
		}
	}
	return parts
}

// largest is the driver of a verdict: by the request, where the same requests grow
// again, but by the key where new ones add more.
func (f *finding) largest() harness.Driver {
	driver := f.verdict.Driver
	bytes, objects := 0.0, 0.0
	if driver != harness.PerRequest {
		return driver
	}
	for _, p := range f.verdict.Parts {
		if larger := p.Bytes > bytes || p.Bytes == bytes && p.Objects > objects; larger && (p.Driver == harness.PerRequest || p.Driver == harness.PerKey) {
			driver, bytes, objects = p.Driver, p.Bytes, p.Objects
		}
	}
	return driver
}

// rates is the growth of each channel for each unit, with its bounds.
type rates struct{ bytes, objects, goroutines trend.Line }

func (r rates) minus(other rates) rates {
	beside := func(a, b trend.Line) trend.Line {
		return trend.Line{Slope: a.Slope - b.Slope, Low: a.Low - b.High, High: a.High - b.Low}
	}
	return rates{beside(r.bytes, other.bytes), beside(r.objects, other.objects), beside(r.goroutines, other.goroutines)}
}

func (r rates) times(factor float64) rates {
	scaled := func(l trend.Line) trend.Line {
		l.Slope, l.Low, l.High = l.Slope*factor, l.Low*factor, l.High*factor
		return l
	}
	return rates{scaled(r.bytes), scaled(r.objects), scaled(r.goroutines)}
}

// candidate is a part of the growth, and the least that it is for certain.
type candidate struct {
	harness.Part
	least rates
}

func (r rates) part(driver harness.Driver, unit string) candidate {
	return candidate{harness.Part{
		Driver: driver, Bytes: r.bytes.Slope, BytesLow: r.bytes.Low, Objects: r.objects.Slope, Goroutines: r.goroutines.Slope, Unit: unit,
	}, r}
}

// above tells whether a part is for certain more than is allowed of anything.
func (c candidate) above(bytes, objects, goroutines float64) bool {
	return c.least.bytes.Low > bytes || c.least.objects.Low > objects || c.least.goroutines.Low > goroutines
}

// rates is the growth a request in the rounds of one kind.
func (f *finding) rates(round harness.Round) rates {
	series := splice(f.evidence.Checkpoints, round)
	slope := func(k kind) trend.Line {
		line, _ := trend.TheilSen(read(k, series), trend.Z99) // of too few points, nothing
		return line
	}
	return rates{slope(liveBytes), slope(liveObjects), slope(goroutines)}
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

// second is the growth a second without load.
func (f *finding) second() rates {
	quiet := unloaded(f.evidence.Checkpoints)
	slope := func(k kind) trend.Line {
		line, _ := trend.TheilSen(readOver(overSeconds, k, quiet), trend.Z99) // of too few points, nothing
		return line
	}
	return rates{slope(liveBytes), slope(liveObjects), slope(goroutines)}
}

func secondsPerRequest(series []harness.Checkpoint) float64 {
	first, last := series[0], series[len(series)-1]
	return (last.AtSeconds - first.AtSeconds) / float64(max(1, last.Requests-first.Requests))
}
