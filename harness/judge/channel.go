package judge

import (
	"math"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// kind is what a channel counts.
type kind int

const (
	liveBytes kind = iota
	liveObjects
	goroutines
	offHeap
)

// of is what a channel reads of a checkpoint; false where it was not read. Where
// only the footprint is, there is no live heap: one of zero bytes has no program. A
// spliced series may go below zero, where what a flood had added falls later.
func (k kind) of(c harness.Checkpoint) (float64, bool) {
	hasHeap := c.LiveHeapBytes != 0
	switch k {
	case liveBytes:
		return float64(c.LiveHeapBytes), hasHeap
	case liveObjects:
		return float64(c.LiveObjects), hasHeap
	case goroutines:
		return float64(c.Goroutines), hasHeap
	}
	if c.OffHeapBytes == nil {
		return 0, false
	}
	return float64(*c.OffHeapBytes), true
}

// readsHeap tells whether the live heap was read, not the footprint alone.
func readsHeap(e Evidence) bool {
	_, ok := liveBytes.of(e.Checkpoints[len(e.Checkpoints)-1])
	return ok
}

// channel is one series of readings and what its shape says. Four are judged
// because each is blind somewhere: objects find small leaks at once but not a
// growing container of plain values; bytes find that and rare big blocks;
// goroutines hide in structs and stacks that the runtime had already, and only
// their number shows them.
type channel struct {
	kind   kind
	points []trend.Point
	// limit is the growth a request that is allowed: a budget, or the floor.
	limit float64
	// slack is the growth, whatever the number of requests, that is not taken for
	// growth: what the runtime adds once for a new thread.
	slack float64
	// continuous says that the target was never stopped for a reading.
	continuous bool
	// fitted is false where there are too few points for a line.
	fitted bool
	line   trend.Line
	shape  shape
	// since is the number of requests after which the growth was seen: zero
	// where the whole series shows it.
	since float64
	// steps is the number of rounds that grew notably; bend the number of
	// requests, warm-up included, at the last of them.
	steps int
	bend  float64
}

// measure reads the channels off the checkpoints and finds their shapes.
func measure(e Evidence) []channel {
	bytes := channel{kind: liveBytes, limit: heapLimit(e), slack: e.Floor.SlackBytes}
	objects := channel{kind: liveObjects, limit: max(e.Floor.ObjectsPerRequest, float64(e.Budget.Objects)), slack: e.Floor.SlackObjects}
	count := channel{kind: goroutines, limit: max(e.Floor.GoroutinesPerRequest, float64(e.Budget.Goroutines)), slack: e.Floor.SlackGoroutines}
	off := channel{kind: offHeap, limit: max(e.Floor.OffHeapPerRequest, float64(e.Budget.OffHeap)), slack: e.Floor.SlackOffHeap}
	for _, c := range []*channel{&bytes, &objects, &count, &off} {
		c.points, c.continuous = c.offThePile(read(c.kind, e.Checkpoints), e.Load.Segments.Min), e.Floor.Continuous
	}
	bytes.fit(e)
	objects.fit(e)
	count.fit(e)
	off.fit(e)
	pardonObjects(&objects, bytes, e)
	pardonOffHeap(&off, bytes, e)
	return []channel{bytes, objects, count, off}
}

// offThePile is a series from its lowest reading on, where it fell there by more than
// clean targets do: it began on a pile of what earlier requests had left for a while,
// below which growth would hide until it is as high. Where too little would be left it
// is the series as it is.
func (c *channel) offThePile(points []trend.Point, rounds int) []trend.Point {
	if len(points) == 0 {
		return points
	}
	low := 0
	for i, p := range points {
		if p.Y < points[low].Y {
			low = i
		}
	}
	if points[0].Y-points[low].Y <= c.slack+runtimeDrop[c.kind] || len(points)-low <= rounds {
		return points
	}
	return points[low:]
}

// heapLimit is the growth of the live heap that a request is allowed: the
// tightest of the budgets that are set, and never below the floor.
func heapLimit(e Evidence) float64 {
	limit := math.Inf(1)
	if e.Budget.Slope > 0 {
		limit = float64(e.Budget.Slope)
	}
	if requests := growthRequests(e); requests > 0 {
		limit = min(limit, float64(e.Budget.Growth.Bytes)/requests)
	}
	if requests := oomRequests(e); requests > 0 {
		limit = min(limit, oomRoom(e)/requests)
	}
	if math.IsInf(limit, 1) {
		return e.Floor.BytesPerRequest
	}
	return max(limit, e.Floor.BytesPerRequest)
}

// growthRequests is the number of requests in the time of the growth budget, or
// zero where there is none.
func growthRequests(e Evidence) float64 {
	if e.Budget.Growth == (harness.Growth{}) {
		return 0
	}
	return e.RequestsPerSecond * e.Budget.Growth.Over.Seconds()
}

// pardonObjects settles the count of objects where a budget allows the bytes
// that they take.
func pardonObjects(objects *channel, bytes channel, e Evidence) {
	allowed := bytes.limit > e.Floor.BytesPerRequest
	if allowed && bytes.fitted && bytes.line.High <= bytes.limit && objects.shape != shapeSteady {
		objects.shape = shapeSteady
	}
}

// pardonOffHeap settles off-heap memory where its growth is small or the live
// heap grows as well: the runtime's own bookkeeping follows the heap.
func pardonOffHeap(off *channel, bytes channel, e Evidence) {
	if len(off.points) == 0 || bytes.shape == shapeGrowing {
		off.shape = shapeSteady
		return
	}
	first, last := off.points[0].Y, off.points[len(off.points)-1].Y
	if last-first < e.Floor.OffHeapBytes {
		if off.shape == shapeGrowing && last-first > off.slack {
			off.shape = shapeUnsettled
			return
		}
		off.shape = shapeSteady
	}
}
