package blame

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/google/pprof/profile"
)

// MaxProfileBytes is the largest profile that is read, before and after
// decompression. A heap profile of a large service has thousands of stacks and
// a few MiB; 64 MiB keeps a hostile one from taking the machine's memory.
const MaxProfileBytes = 64 << 20

// Read reads a heap profile as the runtime writes it: profile.proto, gzipped or
// not. It refuses the older text formats, profiles without in-use samples, and
// those above [MaxProfileBytes].
func Read(data []byte) (*profile.Profile, error) {
	p, err := read(data)
	if err == nil && heapColumns(p) == nil {
		err = errors.New("no inuse_space and inuse_objects samples: is it a profile of something else?")
	}
	if err != nil {
		return nil, fmt.Errorf("heap profile: %w", err)
	}
	return p, nil
}

// ReadGoroutines reads a goroutine profile, or one of the leaked goroutines,
// under the same conditions as [Read].
func ReadGoroutines(data []byte) (*profile.Profile, error) {
	p, err := read(data)
	if err == nil && goroutineColumns(p) == nil {
		err = errors.New("no goroutine or goroutineleak samples: is it a profile of something else?")
	}
	if err != nil {
		return nil, fmt.Errorf("goroutine profile: %w", err)
	}
	return p, nil
}

func read(data []byte) (*profile.Profile, error) {
	if len(data) > MaxProfileBytes {
		return nil, fmt.Errorf("%d bytes, want at most %d", len(data), MaxProfileBytes)
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		var err error
		if data, err = gunzip(data); err != nil {
			return nil, fmt.Errorf("decompress: %w", err)
		}
	}
	p, err := profile.ParseUncompressed(data)
	if err != nil {
		return nil, err
	}
	return p, p.CheckValid()
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(z, MaxProfileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(plain) > MaxProfileBytes {
		return nil, fmt.Errorf("more than %d bytes", MaxProfileBytes)
	}
	return plain, nil
}
