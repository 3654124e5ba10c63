package probe

import (
	"bytes"
	"context"
	"fmt"
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
