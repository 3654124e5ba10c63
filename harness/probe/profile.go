package probe

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
)

// profile is the action that answers with one of the runtime's profiles, as a
// gzipped protocol buffer. It collects nothing: right after a checkpoint the
// heap profile is exact, because the collections have published it.
func profile(name string) action {
	return func(context.Context) (answer, error) {
		// Note: not kept for the next time. A buffer that grows with the profile
		// would be growth of the live heap that it reports.
		var b bytes.Buffer
		if err := pprof.Lookup(name).WriteTo(&b, 0); err != nil {
			return answer{}, fmt.Errorf("profile %s: %w", name, err)
		}
		return answer{"application/octet-stream", b.Bytes()}, nil
	}
}

// goroutineLeak is the runtime's profile of goroutines that nothing can wake any
// more: an experiment in Go 1.26, the default from Go 1.27. Writing it runs a
// collection of its own, which finds them.
const goroutineLeak = "goroutineleak"

// maxStacks bounds the text of stacks, in bytes: some 7 000 goroutines of ten
// frames each. The world stands still while it is written, and the buffer is
// garbage of the target afterwards.
const maxStacks = 4 << 20

// stacks is the action that answers with the stacks of all goroutines, which
// alone tell where each was created; cut off where they are too long.
func stacks(context.Context) (answer, error) {
	// Note: not the goroutine profile's text, which grows to 64 MiB.
	b := make([]byte, maxStacks)
	return answer{"text/plain; charset=utf-8", b[:runtime.Stack(b, true)]}, nil
}
