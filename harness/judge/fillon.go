package judge

import (
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// fillOn looks, once what grew most was found bounded by a flood, for what the flood
// went on to fill beside it: an off-heap leak beside a cache, blocks beside its
// entries. What still rose at the end of that flood is filled again, and twice where
// it keeps some: a cache is full by then, and a pool reaches no new peak each time.
func (f *finding) fillOn() (next harness.Round, settled bool) {
	fillings := f.fillings()
	if len(fillings) == 0 || f.evidence.Floor.Continuous { // of which no rest can be read
		return "", false
	}
	suspects := f.rising(fillings[0])
	if len(suspects) == 0 {
		return "", false
	}
	last := fillings[len(fillings)-1]
	left := f.left(last, suspects)
	switch {
	case len(left) == 0 && len(fillings) > 1:
		return "", false
	case last.rests == 0:
		f.leaveOpen(undecidedReason(suspects[0], f.keys()))
		return harness.Rest, f.evidence.Last
	case len(fillings) < maxFillings:
		f.leaveOpen(undecidedReason(suspects[0], f.keys()))
		return harness.Flood, f.evidence.Last
	}
	f.leaveOpen(undecidedReason(left[0], f.keys()))
	f.accuseOfFillings(fillings, suspects)
	return "", true
}

// rising is the channels that rose to the end of a flood by more than is allowed, and
// came down neither in it nor in the rest after it.
func (f *finding) rising(l filling) []channel {
	flooded := f.evidence.Checkpoints[l.from : l.from+l.rounds+1]
	return slices.DeleteFunc(f.left(l, f.channels), func(c channel) bool {
		points := read(c.kind, flooded)
		if len(points) <= minFloodRounds {
			return true
		}
		tail := trend.Tail(points, tailFraction)
		requests := tail[len(tail)-1].X - tail[0].X
		return newHeight(points)*requests <= c.limit*requests+c.slack || c.cameDown(points, c.points[0].Y)
	})
}
