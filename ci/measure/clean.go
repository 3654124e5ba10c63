package main

import (
	"bytes"
	"container/list"
	"encoding/json"
	"hash/maphash"
	"io"
	"math/bits"
	"sync"
	"time"
)

// cleanShapes are services without a leak: what any server does, and what looks
// like a leak for a while. The lab sends 300 requests before the first
// checkpoint that counts, so what happens later happens under its eyes.
func cleanShapes() []service {
	return append(stillShapes(), []service{
		{"lru-500", "caches 500 keys, full at request 500", func() step { return cached(500) }},
		{"lru-2000", "caches 2 000 keys, full at request 2 000", func() step { return cached(2000) }},
		{"sawtooth", "collects 256 B a request, flushed every 200 requests", sawtooth},
		{"delayed", "keeps 1 KiB a request for 1.5 s", delayed},
		{"lazy-init", "makes a table of 10 000 entries at request 450", lazyInit},
		{"ring", "keeps the last 2 000 requests, 512 B each", ring},
		{"batch", "collects 256 B a request, flushed every 1 700 requests", batch},
		{"held", "keeps 1 KiB a request for 8 s", held},
		{"pool-peak", "keeps as many buffers of 32 KiB as were ever in use at once", poolPeak},
		{"late-workers", "starts 8 goroutines at request 500", lateWorkers},
		{"map-emptied", "fills a map with 600 keys and empties it, again and again", mapEmptied},
	}...)
}

// stillShapes are those of them that stand still from the first checkpoint on.
func stillShapes() []service {
	return []service{
		{"json", "decodes and encodes a document", jsonEcho},
		{"churn", "makes a map of 1 000 ids for each request", churn},
		{"pool", "answers from buffers of 16 KiB in a sync.Pool", pooled},
		{"lru-full", "caches 100 keys, full before the first checkpoint", func() step { return cached(100) }},
	}
}

func jsonEcho() step {
	type document struct {
		Key  int
		Name string
		Tags []string
	}
	return func(w io.Writer, _, key int) {
		text, _ := json.Marshal(document{key, "gopher", []string{"a", "b", "c"}})
		var d document
		_ = json.Unmarshal(text, &d)
		_ = json.NewEncoder(w).Encode(d)
	}
}

func churn() step {
	return func(w io.Writer, _, key int) {
		ids := map[int]int{}
		for i := range 1000 {
			ids[key+i] = i
		}
		_ = json.NewEncoder(w).Encode(len(ids))
	}
}

func pooled() step {
	buffers := sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 16<<10)) }}
	return func(w io.Writer, _, key int) {
		b := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(b)
		b.Reset()
		_ = json.NewEncoder(b).Encode(key)
		_, _ = b.WriteTo(w)
	}
}

// cached keeps the values of the keys that were used last.
func cached(capacity int) step {
	type entry struct {
		key int
		_   [256]byte // the value
	}
	entries, order := map[int]*list.Element{}, list.New()
	return guarded(func(_, key int) {
		if e, ok := entries[key]; ok {
			order.MoveToFront(e)
			return
		}
		entries[key] = order.PushFront(&entry{key: key})
		if order.Len() > capacity {
			delete(entries, order.Remove(order.Back()).(*entry).key)
		}
	})
}

func sawtooth() step {
	var collected [][]byte
	return guarded(func(n, _ int) {
		if n%200 == 0 {
			collected = nil
		}
		collected = append(collected, make([]byte, 256))
	})
}

func delayed() step {
	return func(io.Writer, int, int) {
		block := make([]byte, 1<<10)
		time.AfterFunc(1500*time.Millisecond, func() { clear(block) })
	}
}

func ring() step {
	kept := make([][]byte, 2000)
	return guarded(func(n, _ int) { kept[n%len(kept)] = make([]byte, 512) })
}

func batch() step {
	var collected [][]byte
	return guarded(func(n, _ int) {
		if n%1700 == 0 {
			collected = nil
		}
		collected = append(collected, make([]byte, 256))
	})
}

func held() step {
	return func(io.Writer, int, int) {
		block := make([]byte, 1<<10)
		time.AfterFunc(8*time.Second, func() { clear(block) })
	}
}

func lazyInit() step {
	var table map[int]*int
	return guarded(func(n, _ int) {
		if n == 450 {
			table = make(map[int]*int)
			for i := range 10_000 {
				table[i] = new(i)
			}
		}
	})
}

// poolPeak has as many buffers in use at once as a key's hash ends in zeros,
// so that the most ever in use grows as the logarithm of the requests, as peaks
// of chance do, and at other requests in each run.
func poolPeak() step {
	var free [][]byte
	seed := maphash.MakeSeed()
	return guarded(func(_, key int) {
		inUse := 1 + bits.TrailingZeros64(maphash.Comparable(seed, key))
		for len(free) < inUse {
			free = append(free, make([]byte, 32<<10))
		}
	})
}

func lateWorkers() step {
	jobs := make(chan int)
	return guarded(func(n, key int) {
		if n == 500 {
			for range 8 {
				go func() {
					for range jobs {
					}
				}()
			}
		}
		if n > 500 {
			jobs <- key
		}
	})
}

func mapEmptied() step {
	held := map[int][8]int{}
	return guarded(func(_, key int) {
		if len(held) == 600 {
			clear(held)
		}
		held[key] = [8]int{}
	})
}
