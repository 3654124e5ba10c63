//go:build race || msan || asan

package leaktest

// instrumented tells that a detector is compiled in, whose shadow memory follows
// the heap: read as off-heap memory it would be a leak.
const instrumented = true
