//go:build !linux

package gauge

// listenerOf is unknown: only Linux says it without special rights.
func listenerOf(port int) int { return 0 }

// commandLineOf is nil, for the same reason.
func commandLineOf(pid int) []string { return nil }

// cpuSeconds is nil, for the same reason.
func cpuSeconds(pid int) *float64 { return nil }

// startOf is 0, for the same reason.
func startOf(pid int) uint64 { return 0 }
