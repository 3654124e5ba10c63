// Package owner tells whether the process that left something behind is still
// there, so that what a killed run left can be removed and what another run uses
// is not. It removes nothing itself. The backends ask it when they start.
package owner

import (
	"errors"
	"os"
	"syscall"
)

// Alive tells whether a process of this machine runs. In doubt it says yes: a
// process of another user, or another process with the same id, is alive.
func Alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil { // Windows opens the process and says so; Unix never fails
		return errors.Is(err, os.ErrPermission)
	}
	defer process.Release()
	// Signal 0 reaches nobody and says whether it could. Windows does not know
	// it, which is an error too, but not that the process is done.
	return !errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
