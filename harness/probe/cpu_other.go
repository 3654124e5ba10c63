//go:build !unix && !windows

package probe

// cpuSeconds is nil: this system does not tell.
func cpuSeconds() *float64 { return nil }
