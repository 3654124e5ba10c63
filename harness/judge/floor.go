package judge

// Floor is the growth below which a reading cannot tell a leak from the noise of
// the runtime, by the way that memory is read.
type Floor struct {
	BytesPerRequest      float64
	ObjectsPerRequest    float64
	GoroutinesPerRequest float64
	OffHeapPerRequest    float64
	// OffHeapBytes is the least total growth of off-heap memory that counts.
	OffHeapBytes float64
}

// ProbeFloor is the floor of targets that are pre-warmed and read through the
// probe. Theil–Sen's lower bound on clean targets, six side by side on two
// shared cores, Go 1.26, 100 kept-alive connections, segments of 40 requests,
// 2026-11: at most 2.8 B and 0.03 objects a request over 246 windows of 8 to 20
// rounds; goroutines never moved. The floors leave 1.4 and 3 times that, and
// still catch one leaked 8-byte object a request, which takes 8 to 16 B.
// Off-heap memory is the footprint less what Go's runtime holds, and moves by up
// to 1.35 MB between two checkpoints of a clean target.
// If it trips on a clean variant: read the blame table first; then measure the
// clean variants again, and raise the floor with that measurement.
var ProbeFloor = Floor{
	BytesPerRequest:      4,
	ObjectsPerRequest:    0.1,
	GoroutinesPerRequest: 0.001,
	OffHeapPerRequest:    256,
	OffHeapBytes:         4 << 20,
}

// What a clean target may add once, whenever it happens: the runtime's struct of
// a new thread (5 576 B in 7 objects in Go 1.26, and never freed), and a
// goroutine that a driver starts when it first needs it.
const (
	threadBytes     = 5576
	threadObjects   = 7
	strayGoroutines = 1
)
