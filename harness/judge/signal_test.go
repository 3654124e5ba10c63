package judge_test

import (
	"math/rand/v2"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// signal is a reading as a function of completed requests. Signals are combined
// so that a test reads as a sentence: ramp(8).until(400).plus(noise(160)).
type signal func(requests float64) float64

func constant(v float64) signal { return func(float64) float64 { return v } }

// ramp grows by an amount a request.
func ramp(perRequest float64) signal {
	return func(n float64) float64 { return perRequest * n }
}

// step adds a height once, at a number of requests.
func step(at, height float64) signal {
	return func(n float64) float64 {
		if n >= at {
			return height
		}
		return 0
	}
}

// every adds a height each so many requests.
func every(requests, height float64) signal {
	return func(n float64) float64 { return height * float64(int(n/requests)) }
}

// doubling is the size of an append buffer or map: capacity × size, doubled when full.
func doubling(perRequest, first float64) signal {
	return func(n float64) float64 {
		size := first
		for size < n*perRequest {
			size *= 2
		}
		return size
	}
}

// teeth rises by an amount a request and falls back to zero each period.
func teeth(perRequest, period float64) signal {
	return func(n float64) float64 { return perRequest * (n - period*float64(int(n/period))) }
}

// noise is uniform within ± amplitude and the same for the same seed.
func noise(seed uint64, amplitude float64) signal {
	return func(n float64) float64 {
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		return amplitude * (2*random.Float64() - 1)
	}
}

func (s signal) plus(other signal) signal {
	return func(n float64) float64 { return s(n) + other(n) }
}

// until stops the signal where it is at a number of requests.
func (s signal) until(requests float64) signal {
	return func(n float64) float64 { return s(min(n, requests)) }
}

// from delays the signal until a number of requests.
func (s signal) from(requests float64) signal {
	return func(n float64) float64 { return s(max(0, n-requests)) }
}

// readings are the signals of a target; nil is constant.
type readings struct {
	bytes, objects, goroutines, offHeap signal
}

const (
	warmUp  = 240
	segment = 40
)

// checkpoints reads the signals after each of a number of segments.
func (r readings) checkpoints(segments int) []harness.Checkpoint {
	at := func(s signal, base, n float64) int64 {
		if s == nil {
			return int64(base)
		}
		return int64(base + s(n))
	}
	points := make([]harness.Checkpoint, segments+1)
	for i := range points {
		n := float64(i * segment)
		points[i] = harness.Checkpoint{
			Requests:       i * segment,
			AtSeconds:      2 + float64(i)*0.44,
			LiveHeapBytes:  at(r.bytes, 2e6, n),
			LiveObjects:    at(r.objects, 9000, n),
			Goroutines:     at(r.goroutines, 210, n),
			OffHeapBytes:   new(at(r.offHeap, 8e6, n)),
			LoadAllocBytes: segment * 2048,
		}
	}
	return points
}

func (r readings) evidence(segments int) judge.Evidence {
	return judge.Evidence{
		Checkpoints:       r.checkpoints(segments),
		WarmUpRequests:    warmUp,
		RequestsPerSecond: 100,
		Requests:          segments * segment,
		Segments:          harness.Segments{Min: 8, Max: 60},
	}
}

// run judges after every segment, as the lab does, until the verdict is settled.
func (r readings) run(change func(*judge.Evidence)) (harness.Verdict, int) {
	for n := 1; ; n++ {
		e := r.evidence(n)
		e.Last = n == e.Segments.Max
		if change != nil {
			change(&e)
		}
		if v, settled := judge.Judge(e); settled || e.Last {
			return v, n
		}
	}
}
