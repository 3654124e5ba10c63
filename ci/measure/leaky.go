package main

import "io"

// leaks are services that keep something for good. The sizes are those of the
// values; the allocator rounds them up: 8 bytes without pointers take 16.
func leaks() []service {
	return []service{
		{"list-8", "8 B a request, linked nodes", linked[[0]byte]},
		{"list-16", "16 B a request, linked nodes", linked[[8]byte]},
		{"list-32", "32 B a request, linked nodes", linked[[24]byte]},
		{"list-64", "64 B a request, linked nodes", linked[[56]byte]},
		{"list-256", "256 B a request, linked nodes", linked[[248]byte]},
		{"list-1024", "1 KiB a request, linked nodes", linked[[1016]byte]},
		{"list-16384", "16 KiB a request, linked nodes", linked[[16376]byte]},
		{"slice-8", "8 B a request, a growing slice of pointers", appended[[8]byte]},
		{"slice-16", "16 B a request, a growing slice of pointers", appended[[16]byte]},
		{"slice-32", "32 B a request, a growing slice of pointers", appended[[32]byte]},
		{"slice-64", "64 B a request, a growing slice of pointers", appended[[64]byte]},
		{"slice-256", "256 B a request, a growing slice of pointers", appended[[256]byte]},
		{"slice-1024", "1 KiB a request, a growing slice of pointers", appended[[1024]byte]},
		{"slice-16384", "16 KiB a request, a growing slice of pointers", appended[[16384]byte]},
		{"ints", "8 B a request, appended to a []int", ints},
		{"int-map", "an entry a new key in a map[int]int", intMap},
		{"list-8-in-10", "8 B on 1 request in 10, linked nodes", func() step { return sometimes(10, linked[[0]byte]()) }},
		{"block-in-500", "100 KiB on 1 request in 500", func() step { return sometimes(500, appended[[100 << 10]byte]()) }},
		{"goroutine-in-100", "1 goroutine in 100 requests", goroutine},
		{"list-1024-late", "1 KiB a request from request 1 500 on, linked nodes", func() step { return after(1500, linked[[1016]byte]()) }},
		{"off-heap-1024", "1 KiB a request outside the heap: 64 KiB mapped every 64 requests", offHeap},
	}
}

// node is 8 bytes and its padding, which comes first: Go would add a word to a
// struct that ends in nothing.
type node[T any] struct {
	_    T
	next *node[T]
}

func linked[T any]() step {
	var head *node[T]
	return guarded(func(int, int) { head = &node[T]{next: head} })
}

func appended[T any]() step {
	kept := new([]*T)
	return guarded(func(int, int) { *kept = append(*kept, new(T)) })
}

func ints() step {
	kept := new([]int)
	return guarded(func(n, _ int) { *kept = append(*kept, n) })
}

func intMap() step {
	kept := map[int]int{}
	return guarded(func(n, key int) { kept[key] = n })
}

func goroutine() step {
	never := make(chan struct{})
	return guarded(func(n, _ int) {
		if n%100 == 0 {
			go func() { <-never }()
		}
	})
}

// sometimes does what do does for one request in every.
func sometimes(every int, do step) step {
	return func(w io.Writer, n, key int) {
		if n%every == 0 {
			do(w, n, key)
		}
	}
}

// after does what do does once the service has had some requests.
func after(requests int, do step) step {
	return func(w io.Writer, n, key int) {
		if n > requests {
			do(w, n, key)
		}
	}
}
