package probe

import "syscall"

// cpuSeconds is the CPU time that the process has used, user and kernel, to the
// 100 ns of the system's counter but in steps of its clock; nil where the system
// does not tell.
func cpuSeconds() *float64 {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return nil
	}
	var created, exited, kernel, user syscall.Filetime
	if syscall.GetProcessTimes(process, &created, &exited, &kernel, &user) != nil {
		return nil
	}
	// Note: not Filetime.Nanoseconds, which counts from 1970: these are spans.
	ticks := func(t syscall.Filetime) int64 { return int64(t.HighDateTime)<<32 + int64(t.LowDateTime) }
	seconds := float64(ticks(kernel)+ticks(user)) / 1e7
	return &seconds
}
