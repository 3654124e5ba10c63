//go:build !race && !msan && !asan

package leaktest

// instrumented tells that a detector is compiled in.
const instrumented = false
