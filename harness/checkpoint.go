package harness

// Round is what was done to a target before a checkpoint.
type Round string

// The rounds. The zero value is a fresh one.
const (
	// Fresh sends requests that were never sent before: new keys.
	Fresh Round = "fresh"
	// Replay sends requests again that were sent before, each over the connection
	// that sent it first.
	Replay Round = "replay"
	// Reconnect replays with a new connection for each request.
	Reconnect Round = "reconnect"
	// Idle sends nothing for a while.
	Idle Round = "idle"
	// Flood sends new keys as fast as the target answers.
	Flood Round = "flood"
	// Rest sends nothing for a while after a flood.
	Rest Round = "rest"
	// Sampling sends more after a verdict of leak, so that sampled profiles show
	// where it is. It has no part in the verdict.
	Sampling Round = "sampling"
)

// OrDefault is the round with the default filled in.
func (r Round) OrDefault() Round {
	if r == "" {
		return Fresh
	}
	return r
}

// Checkpoint is a reading of a target at rest: load stopped, drained, collected
// twice. A nil pointer is a figure that could not be read.
type Checkpoint struct {
	// Round is what was done since the checkpoint before.
	Round Round `json:"round,omitzero"`
	// Requests is the number of requests completed since the first checkpoint
	// that counts; AtSeconds the time since the load began.
	Requests  int     `json:"requests"`
	AtSeconds float64 `json:"at_seconds"`
	// LiveHeapBytes and LiveObjects are what survived the collections.
	LiveHeapBytes int64 `json:"live_heap_bytes"`
	LiveObjects   int64 `json:"live_objects"`
	Goroutines    int64 `json:"goroutines"`
	StackBytes    int64 `json:"stack_bytes"`
	// SysBytes is what the runtime obtained from the system, ReleasedBytes what
	// it gave back of that: MemStats.Sys and HeapReleased.
	SysBytes      int64 `json:"sys_bytes"`
	ReleasedBytes int64 `json:"released_bytes"`
	InUseBytes    int64 `json:"in_use_bytes"`
	IdleBytes     int64 `json:"idle_bytes"`
	// RSSBytes and PSSBytes are the footprint, HeapRSSBytes the part of it in the
	// heap arenas of Go's runtime. OffHeapBytes is the anonymous part outside them,
	// or, where they cannot be told apart, beyond what the runtime holds:
	// RssAnon − (Sys − HeapReleased).
	RSSBytes     *int64 `json:"rss_bytes"`
	PSSBytes     *int64 `json:"pss_bytes"`
	HeapRSSBytes *int64 `json:"heap_rss_bytes"`
	OffHeapBytes *int64 `json:"off_heap_bytes"`
	// TotalAllocBytes and TotalMallocs count every allocation since the start.
	TotalAllocBytes int64   `json:"total_alloc_bytes"`
	TotalMallocs    int64   `json:"total_mallocs"`
	GCCycles        int64   `json:"gc_cycles"`
	GCCPUSeconds    float64 `json:"gc_cpu_seconds"`
	// LoadAllocBytes and LoadCPUSeconds are what the target allocated and the
	// CPU time that it used while it was under load in the segment before this
	// checkpoint: without the collections and profiles of the checkpoints.
	LoadAllocBytes int64    `json:"load_alloc_bytes"`
	LoadCPUSeconds *float64 `json:"load_cpu_seconds"`
	// LoadGCCPUSeconds is the part of it that collected garbage; null where only the
	// probe could tell.
	LoadGCCPUSeconds *float64 `json:"load_gc_cpu_seconds"`
	// Profile is the heap profile taken here, relative to the record; empty when
	// there is none.
	Profile string `json:"profile,omitzero"`
}

// Asked is the checkpoints of the load that was asked for: those before the first
// flood, which the lab adds on its own account.
func Asked(checkpoints []Checkpoint) []Checkpoint {
	for i, c := range checkpoints {
		if i > 0 && (c.Round == Flood || c.Round == Sampling) {
			return checkpoints[:i]
		}
	}
	return checkpoints
}

// Sample is a reading of a target under load, without a collection.
type Sample struct {
	AtSeconds     float64 `json:"at_seconds"`
	HeapBytes     int64   `json:"heap_bytes"`
	LiveHeapBytes int64   `json:"live_heap_bytes"` // as of the last collection
	InUseBytes    int64   `json:"in_use_bytes"`
	IdleBytes     int64   `json:"idle_bytes"`
	ReleasedBytes int64   `json:"released_bytes"`
	StackBytes    int64   `json:"stack_bytes"`
	SysBytes      int64   `json:"sys_bytes"`
	Goroutines    int64   `json:"goroutines"`
	RSSBytes      *int64  `json:"rss_bytes"`
	// TotalAllocBytes, GCCycles, GCCPUSeconds and CPUSeconds count since the start.
	TotalAllocBytes int64    `json:"total_alloc_bytes"`
	GCCycles        int64    `json:"gc_cycles"`
	GCCPUSeconds    float64  `json:"gc_cpu_seconds"`
	CPUSeconds      *float64 `json:"cpu_seconds"`
	// RatePerSecond is the requests that were answered or failed a second since the
	// sample before, LatencyP99Seconds that of those answered; null where the lab
	// did not load the target, such as at checkpoints.
	RatePerSecond     *float64 `json:"rate_per_second"`
	LatencyP99Seconds *float64 `json:"latency_p99_seconds"`
}
