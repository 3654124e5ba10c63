//go:build unix

package target

import (
	"os"
	"os/exec"
	"syscall"
)

// setProcessGroup gives the process a group of its own, so that the terminal's
// Ctrl-C reaches the lab alone, which then ends its targets in order.
//
// Note: Pdeathsig would end a target without the lifeline, on Linux. But it
// fires when the *thread* that started the target ends, which Go may do at any
// time.
func setProcessGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// terminate asks the process to end. An error means that it has.
func terminate(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }

// terminateGroup asks the process and its group to end. An error means that they
// have.
func terminateGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill ends the process and its group. An error means that they have ended.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
