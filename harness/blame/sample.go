package blame

import (
	"fmt"
	"math"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// columns is a profile and the columns of its samples' values that matter here.
type columns struct {
	*profile.Profile
	value, count int // bytes and objects in use; both the number of goroutines
}

// heapColumns finds the in-use columns of a heap profile: nil where there are
// none.
func heapColumns(p *profile.Profile) *columns {
	c := columns{Profile: p, value: columnOf(p, "inuse_space"), count: columnOf(p, "inuse_objects")}
	if c.value < 0 || c.count < 0 {
		return nil
	}
	return &c
}

// goroutineColumns finds the number of goroutines in a profile of them, or of
// the leaked ones: nil where there is none.
func goroutineColumns(p *profile.Profile) *columns {
	for _, name := range []string{"goroutine", "goroutineleak"} {
		if i := columnOf(p, name); i >= 0 {
			return &columns{Profile: p, value: i, count: i}
		}
	}
	return nil
}

func columnOf(p *profile.Profile, name string) int {
	if p == nil {
		return -1
	}
	for i, t := range p.SampleType {
		if t.Type == name {
			return i
		}
	}
	return -1
}

// blockSize is the size of a sample's objects, in bytes, which the runtime
// notes; 0 where it does not.
func blockSize(s *profile.Sample) int64 {
	if sizes := s.NumLabel["bytes"]; len(sizes) > 0 {
		return sizes[0]
	}
	return 0
}

// sampling is how many objects the runtime really sampled of those that a
// profile says came or went, and the variance that sampling gives to their
// bytes. It samples an object with the probability p = 1 − exp(−size/rate) and
// divides by that when it writes a profile: n objects are the estimate of k = n·p
// sampled ones, and their bytes have the variance k·(1 − p)·(size/p)². Large
// objects, and all at a rate of 1, are sampled for certain.
func sampling(objects, size float64, rate int64) (samples, variance float64) {
	objects = math.Abs(objects)
	if size <= 0 || rate <= 1 {
		return objects, 0
	}
	p := -math.Expm1(-size / float64(rate))
	samples = objects * p
	return samples, samples * (1 - p) * (size / p) * (size / p)
}

// frames is the whole stack of a sample, leaf first, inlined calls expanded.
func frames(s *profile.Sample) []harness.Frame {
	var stack []harness.Frame
	for _, loc := range s.Location {
		for i := range max(1, len(loc.Line)) {
			stack = append(stack, frameAt(loc, i))
		}
	}
	return stack
}

// frameAt is one of the calls at a location, the innermost first; a location
// without symbols is its address.
func frameAt(loc *profile.Location, i int) harness.Frame {
	if len(loc.Line) == 0 {
		return harness.Frame{Function: fmt.Sprintf("%#x", loc.Address)}
	}
	f := harness.Frame{Line: int(loc.Line[i].Line)}
	if fn := loc.Line[i].Function; fn != nil {
		f.Function, f.File = fn.Name, fn.Filename
	}
	return f
}
