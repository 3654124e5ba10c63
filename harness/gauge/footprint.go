package gauge

// Footprint is what the kernel says of a process's memory, in bytes. A nil
// pointer is what it does not say: another system, a process that is gone, or
// one of another user.
type Footprint struct {
	RSSBytes       *int64 // resident
	PSSBytes       *int64 // resident, shared pages divided by their sharers
	AnonymousBytes *int64 // resident, without pages of files and shared memory
	GoHeapBytes    *int64 // the part of it in the heap arenas of Go's runtime
}

// offHeap is what a process holds beyond Go's heap: anonymous memory outside the
// heap arenas, or, where these cannot be told apart, beyond what the runtime says
// that it has (MemStats.Sys − HeapReleased). The second may be negative, where the
// runtime holds memory that it has not touched yet, and moves with what it
// touches: by 1.6 MB at the 95th percentile between two checkpoints of clean
// targets, where the first moves by a tenth of that (docs/decisions/0008). The
// difference between checkpoints is what counts.
func (f Footprint) offHeap(sysBytes, releasedBytes int64) *int64 {
	switch {
	case f.AnonymousBytes == nil:
		return nil
	case f.GoHeapBytes != nil:
		return new(*f.AnonymousBytes - *f.GoHeapBytes)
	}
	return new(*f.AnonymousBytes - (sysBytes - releasedBytes))
}
