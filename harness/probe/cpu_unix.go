//go:build unix

package probe

import "syscall"

// cpuSeconds is the CPU time that the process has used, user and system, to the
// microsecond; nil where the system does not tell.
func cpuSeconds() *float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return nil
	}
	seconds := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	return &seconds
}
