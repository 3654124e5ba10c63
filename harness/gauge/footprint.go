package gauge

// Footprint is what the kernel says of a process's memory, in bytes. A nil
// pointer is what it does not say: another system, a process that is gone, or
// one of another user.
type Footprint struct {
	RSSBytes       *int64 // resident
	PSSBytes       *int64 // resident, shared pages divided by their sharers
	AnonymousBytes *int64 // resident, without pages of files and shared memory
}
