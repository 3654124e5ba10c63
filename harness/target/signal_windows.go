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

// kill ends the process. An error means that it has ended.
func kill(p *os.Process) { _ = p.Kill() }
