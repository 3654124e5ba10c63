package owner

import (
	"strconv"

	"github.com/prometheus/procfs"
)

// began is when a process started, in clock ticks since the machine did.
func began(pid int) (string, bool) {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return "", false
	}
	stat, err := process.Stat()
	if err != nil {
		return "", false
	}
	return strconv.FormatUint(stat.Starttime, 10), true
}
