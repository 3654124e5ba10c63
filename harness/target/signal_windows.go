package target

import (
	"os"
	"os/exec"
	"syscall"
)

// setProcessGroup gives the process a group of its own, so that the console's
// Ctrl-C reaches the lab alone, which then ends its targets in order.
func setProcessGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// terminate does nothing: Windows has no SIGTERM. The lifeline is enough.
func terminate(*os.Process) {}

// terminateGroup does nothing, for the same reason: a command that does not end
// with its standard input is killed, and its descendants are not.
func terminateGroup(*os.Process) {}

// kill ends the process. An error means that it has ended.
func kill(p *os.Process) { _ = p.Kill() }
