package judge_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/judge"
)

// swept is an amount for each request since the last multiple of a period in seconds.
func swept(perRequest, period float64) signal {
	return func(past []state) float64 {
		now := past[len(past)-1]
		from := period * math.Floor(now.seconds/period)
		before := past[0]
		for _, p := range past {
			if p.seconds <= from {
				before = p
			}
		}
		// interpolate within the round
		n := now.requests - before.requests
		for i, p := range past[1:] {
			if past[i].seconds <= from && p.seconds > from {
				share := (from - past[i].seconds) / (p.seconds - past[i].seconds)
				n = now.requests - (past[i].requests + share*(p.requests-past[i].requests))
			}
		}
		return perRequest * n
	}
}

func lateStart(by float64) func(e *judge.Evidence) {
	return func(e *judge.Evidence) {
		patience(e)
		for i := range e.Checkpoints {
			e.Checkpoints[i].AtSeconds += by
		}
	}
}

func fine(e *judge.Evidence) {
	patience(e)
	for i := range e.Checkpoints {
		e.Checkpoints[i].HeapRSSBytes = new(int64(1))
	}
}

func integers(s signal) signal { return func(p []state) float64 { return math.Floor(s(p)) } }

// sparse: grows with probability
func poisson(seed uint64, perRequest, height float64) signal {
	return func(past []state) float64 {
		r := rand.New(rand.NewPCG(seed, 7))
		n := 0.0
		last := past[len(past)-1].requests
		at := 0.0
		for {
			at += r.ExpFloat64() / perRequest
			if at > last {
				return n
			}
			n += height
		}
	}
}

// logkeys: distinct of zipf-like keys
func distinct(k float64) signal {
	return of(func(n float64) float64 { return k * (1 - math.Exp(-n/k)) })
}
func scaled(s signal, by float64) signal { return func(p []state) float64 { return by * s(p) } }

func logarithmic(k float64) signal { return of(func(n float64) float64 { return k * math.Log1p(n/50) }) }

func TestReview(t *testing.T) {
	for _, test := range []struct {
		name     string
		readings readings
		change   func(*judge.Evidence)
		want  harness.Outcome
	}{
		{"LEAK 1 obj + cache swept every 1 s (2 obj)", readings{bytes: ramp(64).plus(swept(128, 1)), objects: ramp(1).plus(swept(2, 1))}, patience, harness.Fail},
		{"LEAK 1 obj + cache swept every 1 s (1 obj)", readings{bytes: ramp(64).plus(swept(64, 1)), objects: ramp(1).plus(swept(1, 1))}, patience, harness.Fail},
		{"LEAK 1 obj + cache swept every 2 s (1 obj)", readings{bytes: ramp(64).plus(swept(64, 2)), objects: ramp(1).plus(swept(1, 2))}, patience, harness.Fail},
		{"LEAK 1 obj + cache swept every 0.5 s (4 obj)", readings{bytes: ramp(64).plus(swept(256, .5)), objects: ramp(1).plus(swept(4, .5))}, patience, harness.Fail},
		{"LEAK 1 obj + ttl 1 s (2 obj)", readings{bytes: ramp(64).plus(expiring(128, 1)), objects: ramp(1).plus(expiring(2, 1))}, patience, harness.Fail},
		{"LEAK perkey + ttl 4 s per key 2 obj", readings{bytes: ramp(64).plus(expiring(128, 4)).perKey(), objects: ramp(1).plus(expiring(2, 4)).perKey()}, patience, harness.Fail},
		{"LEAK perkey + ttl 4 s per key 1 obj", readings{bytes: ramp(64).plus(expiring(64, 4)).perKey(), objects: ramp(1).plus(expiring(1, 4)).perKey()}, patience, harness.Fail},
		{"LEAK perreq + ttl 4 s 2 obj", readings{bytes: ramp(64).plus(expiring(128, 4)), objects: ramp(1).plus(expiring(2, 4))}, patience, harness.Fail},
		{"LEAK perreq + ttl 6 s 4 obj", readings{bytes: ramp(64).plus(expiring(256, 6)), objects: ramp(1).plus(expiring(4, 6))}, patience, harness.Fail},
		{"LEAK perreq + ttl 10 s 2 obj", readings{bytes: ramp(64).plus(expiring(128, 10)), objects: ramp(1).plus(expiring(2, 10))}, patience, harness.Fail},
		{"LEAK perkey + ttl 10 s 2 obj", readings{bytes: ramp(64).plus(expiring(128, 10)).perKey(), objects: ramp(1).plus(expiring(2, 10)).perKey()}, patience, harness.Fail},
		{"LEAK perreq + ring 1000 of 3", readings{bytes: ramp(64).plus(ramp(192).until(1000)), objects: ramp(1).plus(ramp(3).until(1000))}, patience, harness.Fail},
		{"LEAK perreq + ring 2000 of 5", readings{bytes: ramp(64).plus(ramp(320).until(2000)), objects: ramp(1).plus(ramp(5).until(2000))}, patience, harness.Fail},
		{"LEAK perreq + ring 2000 of 12", readings{bytes: ramp(64).plus(ramp(12*64).until(2000)), objects: ramp(1).plus(ramp(12).until(2000))}, patience, harness.Fail},
		{"LEAK perreq + lru keys 2000 of 12", readings{bytes: ramp(64).plus(ramp(12*64).until(2000).perKey()), objects: ramp(1).plus(ramp(12).until(2000).perKey())}, patience, harness.Fail},
		{"LEAK perkey + lru keys 2000 of 12", readings{bytes: ramp(64).plus(ramp(12*64).until(2000)).perKey(), objects: ramp(1).plus(ramp(12).until(2000)).perKey()}, patience, harness.Fail},
		{"LEAK in the replay only 2 of 3: per key + per second", readings{bytes: ramp(64).perKey().plus(ramp(640).perSecond()), objects: ramp(1).perKey().plus(ramp(10).perSecond())}, patience, harness.Fail},
		{"LEAK slow: one 4 KiB block in 100 req", readings{bytes: every(100, 4096), objects: every(100, 3)}, patience, harness.Fail},
		{"LEAK rare: 1 MiB block in 1500 req", readings{bytes: every(1500, 1<<20), objects: every(1500, 3)}, patience, harness.Fail},
		{"LEAK rare poisson 1/200 64 KiB", readings{bytes: poisson(1, 1./200, 64<<10), objects: poisson(1, 1./200, 1)}, patience, harness.Fail},
		{"LEAK rare poisson 1/400 256 KiB", readings{bytes: poisson(2, 1./400, 256<<10), objects: poisson(2, 1./400, 1)}, patience, harness.Fail},
		{"LEAK goroutine 1/300", readings{goroutines: every(300, 1)}, patience, harness.Fail},
		{"LEAK goroutine 1/300 poisson", readings{goroutines: poisson(3, 1./300, 1)}, patience, harness.Fail},
		{"LEAK goroutine pr key", readings{goroutines: ramp(0.1).perKey(), bytes: ramp(100).perKey(), objects: ramp(.4).perKey()}, patience, harness.Fail},
		{"LEAK goroutine per second (ticker)", readings{goroutines: ramp(1).perSecond(), bytes: ramp(1000).perSecond(), objects: ramp(4).perSecond()}, patience, harness.Fail},
		{"LEAK per second slow 1 obj/s 64B", readings{bytes: ramp(640).perSecond(), objects: ramp(10).perSecond()}, patience, harness.Fail},
		{"LEAK time 200 KB every 5 s", readings{bytes: func(p []state) float64 { return 200e3 * math.Floor(p[len(p)-1].seconds/5) }, objects: func(p []state) float64 { return 20 * math.Floor(p[len(p)-1].seconds/5) }}, patience, harness.Fail},
		{"LEAK mmap 1 KiB, fine", readings{offHeap: ramp(1024)}, fine, harness.Fail},
		{"LEAK mmap 2 KiB noise, fine", readings{offHeap: ramp(2048).plus(noise(1, 3e4))}, fine, harness.Fail},
		{"LEAK mmap 4 KiB page, fine", readings{offHeap: ramp(4096).plus(noise(1, 3e4))}, fine, harness.Fail},
		{"LEAK cgo 64 KiB per 100, fine", readings{offHeap: every(100, 64<<10).plus(noise(1, 3e4))}, fine, harness.Fail},
		{"LEAK mmap per key 8 KiB, fine", readings{offHeap: ramp(8192).perKey()}, fine, harness.Fail},
		{"LEAK mmap per connection 64 KiB, fine", readings{offHeap: ramp(65536).perConnection()}, fine, harness.Fail},
		{"LEAK mmap 2 KiB beside a heap plateau", readings{offHeap: ramp(4096), bytes: ramp(500).until(300), objects: ramp(1).until(300)}, fine, harness.Fail},
		{"LEAK sawtooth base: batch 200 reqs + 1 obj leak", readings{bytes: ramp(64).plus(teeth(512, 200)), objects: ramp(1).plus(teeth(1, 200))}, patience, harness.Fail},
		{"LEAK + batch flushed every 2500", readings{bytes: ramp(64).plus(teeth(512, 2500)), objects: ramp(1).plus(teeth(1, 2500))}, patience, harness.Fail},
		{"LEAK + batch flushed every 2500 x8", readings{bytes: ramp(64).plus(teeth(512, 2500)), objects: ramp(1).plus(teeth(8, 2500))}, patience, harness.Fail},
		{"LEAK + batch flushed every 20000 x1", readings{bytes: ramp(64).plus(teeth(64, 20000)), objects: ramp(1).plus(teeth(1, 20000))}, patience, harness.Fail},
		{"LEAK over conn: 1 goroutine + req leak", readings{goroutines: ramp(1).perConnection(), objects: ramp(10).perConnection()}, patience, harness.Fail},
		{"LEAK decelerating (sampled 1 in sqrt)", readings{bytes: of(func(n float64) float64 { return 3e4 * math.Sqrt(n) }), objects: of(func(n float64) float64 { return 60 * math.Sqrt(n) })}, patience, harness.Fail},
		{"LEAK starts at 2000", readings{bytes: ramp(512).from(2000), objects: ramp(1).from(2000)}, patience, harness.Fail},
		{"LEAK map growth doubling per request 16 B", readings{bytes: doubling(16, 4096)}, patience, harness.Fail},

		{"CLEAN held 7 s, late self-test", readings{bytes: expiring(512, 7), objects: expiring(1, 7)}, lateStart(12), harness.Pass},
		{"CLEAN held 10 s per req", readings{bytes: expiring(512, 10), objects: expiring(1, 10)}, patience, harness.Pass},
		{"CLEAN held 9 s per req", readings{bytes: expiring(512, 9), objects: expiring(1, 9)}, patience, harness.Pass},
		{"CLEAN held 10 s per key late", readings{bytes: expiring(512, 10).perKey(), objects: expiring(1, 10).perKey()}, lateStart(12), harness.Pass},
		{"CLEAN goroutines held 5 s", readings{goroutines: integers(expiring(1, 5)), objects: expiring(4, 5), bytes: expiring(400, 5)}, patience, harness.Pass},
		{"CLEAN goroutines held 8 s", readings{goroutines: integers(expiring(1, 8)), objects: expiring(4, 8), bytes: expiring(400, 8)}, patience, harness.Pass},
		{"CLEAN pool grows to 300 goroutines", readings{goroutines: ramp(0.2).until(1500), objects: ramp(1).until(1500), bytes: ramp(400).until(1500)}, patience, harness.Pass},
		{"CLEAN distinct 2000 zipf", readings{objects: distinct(2000), bytes: scaled(distinct(2000), 300)}, patience, harness.Pass},
		{"CLEAN distinct 2000 zipf per key", readings{objects: distinct(2000).perKey(), bytes: scaled(distinct(2000), 300).perKey()}, patience, harness.Pass},
		{"CLEAN distinct 500 zipf", readings{objects: distinct(500), bytes: scaled(distinct(500), 300)}, patience, harness.Pass},
		{"CLEAN lru 5000 3 obj", readings{objects: ramp(3).until(5000).perKey(), bytes: ramp(300).until(5000).perKey()}, patience, harness.Pass},
		{"CLEAN ring 8000", readings{objects: ramp(3).until(8000), bytes: ramp(300).until(8000)}, patience, harness.Pass},
		{"CLEAN ring 4000 + ttl 3 s", readings{objects: ramp(3).until(4000).plus(expiring(1, 3)), bytes: ramp(300).until(4000).plus(expiring(100, 3))}, patience, harness.Pass},
		{"CLEAN logarithmic histogram", readings{objects: logarithmic(60), bytes: scaled(logarithmic(60), 64)}, patience, harness.Pass},
		{"CLEAN offheap arena fills to 8 MB", readings{offHeap: ramp(4096).until(2000)}, fine, harness.Pass},
		{"CLEAN offheap steps 3x1MB", readings{offHeap: step(200, 1<<20).plus(step(500, 1<<20)).plus(step(900, 1<<20))}, fine, harness.Pass},
		{"CLEAN sweep every 10 s", readings{bytes: swept(300, 10), objects: swept(2, 10)}, patience, harness.Pass},
		{"CLEAN sweep every 8 s per key", readings{bytes: swept(300, 8).perKey(), objects: swept(2, 8).perKey()}, patience, harness.Pass},
		{"CLEAN metrics flush every 15 s", readings{bytes: swept(300, 15), objects: swept(2, 15)}, patience, harness.Pass},
		{"CLEAN thread steps every 300, 5 times", readings{bytes: every(300, 5576).until(1500), objects: every(300, 7).until(1500)}, patience, harness.Pass},
		{"CLEAN slow ratchet 3.9", readings{bytes: ramp(3.5).plus(noise(3, 400)), objects: ramp(0.04)}, patience, harness.Pass},
		{"CLEAN ttl 3 s connection", readings{bytes: expiring(2048, 3).perConnection(), objects: expiring(12, 3).perConnection()}, patience, harness.Pass},
		{"CLEAN grow while idle, background warm 5 s", readings{bytes: func(p []state) float64 { return 1e5 * min(5, p[len(p)-1].seconds) }, objects: func(p []state) float64 { return 500 * min(5, p[len(p)-1].seconds) }}, patience, harness.Pass},
		{"CLEAN background warm 8 s", readings{bytes: func(p []state) float64 { return 1e5 * min(8, p[len(p)-1].seconds) }, objects: func(p []state) float64 { return 500 * min(8, p[len(p)-1].seconds) }}, patience, harness.Pass},
	} {
		v, rounds := test.readings.run(test.change)
		mark := "ok  "
		if v.Outcome != test.want {
			mark = "WRONG"
			if v.Outcome == harness.Inconclusive {
				mark = "open "
			}
		}
		counts := map[harness.Round]int{}
		for _, r := range rounds {
			counts[r]++
		}
		text := ""
		if len(v.Reasons) > 0 {
			text = v.Reasons[0].Text
			if v.Outcome == harness.Fail {
				text = v.Reasons[len(v.Reasons)-1].Text
			}
		}
		t.Logf("%s %-48s %s %s %q %v | %.110s", mark, test.name, v.Outcome, v.Class, v.Driver, counts, text)
	}
}
