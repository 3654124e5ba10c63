package judge_test

import (
	"math/rand/v2"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// state is what a simulated target has been through at a checkpoint.
type state struct {
	requests, keys, connections, seconds float64
}

// signal is a reading of a simulated target after what it has been through,
// oldest state first. Signals are combined so that a test reads as a sentence:
// ramp(8).until(400).plus(noise(1, 160)).
type signal func(past []state) float64

// of is a signal of the requests so far.
func of(f func(requests float64) float64) signal {
	return func(past []state) float64 { return f(past[len(past)-1].requests) }
}

func constant(v float64) signal { return func([]state) float64 { return v } }

// ramp grows by an amount a request.
func ramp(perRequest float64) signal {
	return of(func(n float64) float64 { return perRequest * n })
}

// step adds a height once, at a number of requests.
func step(at, height float64) signal {
	return of(func(n float64) float64 {
		if n >= at {
			return height
		}
		return 0
	})
}

// every adds a height each so many requests.
func every(requests, height float64) signal {
	return of(func(n float64) float64 { return height * float64(int(n/requests)) })
}

// doubling is the size of an append buffer: a capacity that doubles when it is
// full.
func doubling(perRequest, first float64) signal {
	return of(func(n float64) float64 {
		size := first
		for size < n*perRequest {
			size *= 2
		}
		return size
	})
}

// teeth rises by an amount a request and falls back to zero each period.
func teeth(perRequest, period float64) signal {
	return of(func(n float64) float64 { return perRequest * (n - period*float64(int(n/period))) })
}

// noise is uniform within ± amplitude and the same for the same seed.
func noise(seed uint64, amplitude float64) signal {
	return func(past []state) float64 {
		random := rand.New(rand.NewPCG(seed, uint64(len(past))))
		return amplitude * (2*random.Float64() - 1)
	}
}

// expiring is an amount for each request of the last seconds.
func expiring(perRequest, seconds float64) signal {
	return func(past []state) float64 {
		now := past[len(past)-1]
		for _, then := range past {
			if then.seconds >= now.seconds-seconds {
				return perRequest * (now.requests - then.requests)
			}
		}
		return 0
	}
}

func (s signal) plus(other signal) signal {
	return func(past []state) float64 { return s(past) + other(past) }
}

// mapped shows the signal another past.
func (s signal) mapped(change func(*state)) signal {
	return func(past []state) float64 {
		changed := make([]state, len(past))
		for i, p := range past {
			change(&p)
			changed[i] = p
		}
		return s(changed)
	}
}

// until stops the signal where it is at a number of requests.
func (s signal) until(requests float64) signal {
	return s.mapped(func(p *state) { p.requests = min(p.requests, requests) })
}

// from delays the signal until a number of requests.
func (s signal) from(requests float64) signal {
	return s.mapped(func(p *state) { p.requests = max(0, p.requests-requests) })
}

// perKey makes the signal one of distinct keys rather than requests.
func (s signal) perKey() signal {
	return s.mapped(func(p *state) { p.requests = p.keys })
}

// perConnection makes the signal one of new connections rather than requests.
func (s signal) perConnection() signal {
	return s.mapped(func(p *state) { p.requests = p.connections })
}

// perSecond makes the signal one of seconds rather than requests.
func (s signal) perSecond() signal {
	return s.mapped(func(p *state) { p.requests = p.seconds })
}

// readings are the signals of a target; nil is constant.
type readings struct {
	bytes, objects, goroutines, offHeap signal
}

const (
	warmUp  = 240
	segment = 40
)

// after is what a round adds to what a target has been through.
func after(s state, round harness.Round) state {
	switch round {
	case harness.Fresh:
		s.requests, s.keys, s.seconds = s.requests+segment, s.keys+segment, s.seconds+0.44
	case harness.Replay:
		s.requests, s.seconds = s.requests+segment, s.seconds+0.44
	case harness.Reconnect:
		s.requests, s.connections, s.seconds = s.requests+segment, s.connections+segment, s.seconds+0.44
	case harness.Idle, harness.Rest:
		s.seconds += 2
	case harness.Flood:
		added := max(segment, min(0.35*(warmUp+s.keys), 10_000))
		s.requests, s.keys, s.seconds = s.requests+added, s.keys+added, s.seconds+max(0.05, added/10_000)
	}
	return s
}

// checkpoint reads the signals.
func (r readings) checkpoint(past []state, round harness.Round) harness.Checkpoint {
	at := func(s signal, base float64) int64 {
		if s == nil {
			return int64(base)
		}
		return int64(base + s(past))
	}
	now := past[len(past)-1]
	c := harness.Checkpoint{
		Round:         round,
		Requests:      int(now.requests),
		AtSeconds:     2 + now.seconds,
		LiveHeapBytes: at(r.bytes, 2e6),
		LiveObjects:   at(r.objects, 9000),
		Goroutines:    at(r.goroutines, 210),
		OffHeapBytes:  new(at(r.offHeap, 8e6)),
	}
	if len(past) > 1 {
		c.LoadAllocBytes = int64(now.requests-past[len(past)-2].requests) * 2048
	}
	return c
}

func evidence(checkpoints []harness.Checkpoint) judge.Evidence {
	return judge.Evidence{
		Checkpoints:       checkpoints,
		WarmUpRequests:    warmUp,
		RequestsPerSecond: 100,
		Requests:          checkpoints[len(checkpoints)-1].Requests,
		Load:              harness.Load{Segment: segment, Segments: harness.Segments{Min: 8, Max: 60}},
	}
}

// run does what the judge asks for, round by round, as the lab does, until the
// verdict is settled or the fresh segments are used up. It returns the verdict
// and the rounds that were made.
func (r readings) run(change func(*judge.Evidence)) (harness.Verdict, []harness.Round) {
	past := []state{{}}
	checkpoints := []harness.Checkpoint{r.checkpoint(past, harness.Fresh)}
	var made []harness.Round
	for next, fresh := harness.Fresh, 0; ; {
		past = append(past, after(past[len(past)-1], next))
		checkpoints = append(checkpoints, r.checkpoint(past, next))
		made = append(made, next)
		if next == harness.Fresh {
			fresh++
		}
		e := evidence(checkpoints)
		e.Last = len(made) > 200
		if change != nil {
			change(&e)
		}
		v, wanted := judge.Judge(e)
		if wanted == "" || wanted == harness.Fresh && fresh >= e.Load.Segments.Max {
			return v, made
		}
		next = wanted
	}
}

// freshOnly is the checkpoints of a number of fresh rounds.
func (r readings) freshOnly(segments int) []harness.Checkpoint {
	past := []state{{}}
	checkpoints := []harness.Checkpoint{r.checkpoint(past, harness.Fresh)}
	for range segments {
		past = append(past, after(past[len(past)-1], harness.Fresh))
		checkpoints = append(checkpoints, r.checkpoint(past, harness.Fresh))
	}
	return checkpoints
}
