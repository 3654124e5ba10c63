package gauge

import (
	"slices"
	"strconv"

	"github.com/prometheus/procfs"
)

// stateListen is TCP_LISTEN of the kernel's include/net/tcp_states.h.
const stateListen = 10

// listenerOf is the process that listens at a TCP port of this machine, 0 where
// there is none, several do, or it is another user's.
func listenerOf(port int) int {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0
	}
	// A kernel without IPv6 has no second table. Netlink, which procfs advises, is
	// a dependency more for one look at a few sockets.
	sockets, _ := fs.NetTCP() //lint:ignore SA1019 see above
	six, _ := fs.NetTCP6()    //lint:ignore SA1019 see above
	var links []string
	for _, s := range slices.Concat(sockets, six) {
		if s.St == stateListen && s.LocalPort == uint64(port) {
			links = append(links, "socket:["+strconv.FormatUint(s.Inode, 10)+"]")
		}
	}
	if len(links) == 0 {
		return 0
	}
	processes, err := procfs.AllProcs()
	if err != nil {
		return 0
	}
	found := 0
	for _, process := range processes {
		open, _ := process.FileDescriptorTargets() // another user's: none
		if !slices.ContainsFunc(open, func(link string) bool { return slices.Contains(links, link) }) {
			continue
		}
		if found != 0 {
			return 0
		}
		found = process.PID
	}
	return found
}

// commandLineOf is the arguments that a process was started with, nil where the
// kernel does not say.
func commandLineOf(pid int) []string {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return nil
	}
	line, _ := process.CmdLine()
	return line
}

// cpuSeconds is the CPU time of a process, nil where the kernel does not say. It
// counts in steps of 10 ms.
func cpuSeconds(pid int) *float64 {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return nil
	}
	stat, err := process.Stat()
	if err != nil {
		return nil
	}
	return new(stat.CPUTime())
}

// startOf is when a process was started, in the kernel's ticks since its own
// start; 0 where there is no such process, a zombie included, or the kernel does
// not say.
func startOf(pid int) uint64 {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return 0
	}
	stat, err := process.Stat()
	if err != nil || stat.State == "Z" {
		return 0
	}
	return stat.Starttime
}
