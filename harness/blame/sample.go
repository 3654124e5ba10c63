package blame

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// heap is a heap profile whose in-use columns were found.
type heap struct {
	*profile.Profile
	bytes, objects int // columns of a sample's values
}

// columns finds the in-use columns of a profile: nil where there are none.
func columns(p *profile.Profile) *heap {
	if p == nil {
		return nil
	}
	h := heap{Profile: p, bytes: -1, objects: -1}
	for i, t := range p.SampleType {
		switch t.Type {
		case "inuse_space":
			h.bytes = i
		case "inuse_objects":
			h.objects = i
		}
	}
	if h.bytes < 0 || h.objects < 0 {
		return nil
	}
	return &h
}

// add adds the profile's samples to the stacks, sign times.
func (h *heap) add(stacks map[string]*growth, sign int64) {
	for _, s := range h.Sample {
		bytes, objects := s.Value[h.bytes], s.Value[h.objects]
		if bytes == 0 && objects == 0 {
			continue
		}
		stack := frames(s)
		key := stackKey(stack)
		g := stacks[key]
		if g == nil {
			g = &growth{stack: stack}
			stacks[key] = g
		}
		g.bytes += sign * bytes
		g.objects += sign * objects
		g.samples += float64(sign) * sampled(objects, bytes, h.Period)
	}
}

// sampled estimates how many objects the runtime really sampled. It samples an
// object of a size with the probability 1 − exp(−size/rate) and divides by that
// when it writes a profile, once for each stack and size; this undoes the
// division. A rate of 1 or less samples every object.
func sampled(objects, bytes, rate int64) float64 {
	if objects <= 0 || bytes <= 0 || rate <= 1 {
		return float64(objects)
	}
	size := float64(bytes) / float64(objects)
	return float64(objects) * -math.Expm1(-size/float64(rate))
}

// frames is the whole stack of a sample, leaf first, inlined calls expanded. A
// location without symbols is its address.
func frames(s *profile.Sample) []harness.Frame {
	var stack []harness.Frame
	for _, loc := range s.Location {
		if len(loc.Line) == 0 {
			stack = append(stack, harness.Frame{Function: fmt.Sprintf("%#x", loc.Address)})
		}
		for _, line := range loc.Line { // innermost call first
			f := harness.Frame{Line: int(line.Line)}
			if line.Function != nil {
				f.Function, f.File = line.Function.Name, line.Function.Filename
			}
			stack = append(stack, f)
		}
	}
	return stack
}

// stackKey identifies a stack in both profiles; locations' ids and addresses
// belong to one of them.
func stackKey(stack []harness.Frame) string {
	var b strings.Builder
	for _, f := range stack {
		b.WriteString(f.Function)
		b.WriteByte(0)
		b.WriteString(f.File)
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(f.Line))
		b.WriteByte(0)
	}
	return b.String()
}
