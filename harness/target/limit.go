package target

// Limit keeps the memory of a target below a limit, and ends it there. Package
// limit makes one; it is for one process and what that starts.
type Limit interface {
	// Enforce puts a process under the limit that has not read its configuration
	// yet, and so has done nothing. It is called once.
	Enforce(p *Process) error
	// Ended is called when the process is done. It says whether the limit ended it
	// and how that is known, and takes the limit away.
	Ended() (evidence string, killed bool)
}
