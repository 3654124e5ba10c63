package target

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

const (
	// guardGrace is how long a command may take to end before it is killed. It is
	// shorter than the lab's own patience, which kills the guard.
	guardGrace = 2 * time.Second
	// notStarted is the exit code of a guard whose command could not be started,
	// as shells have it; signalled is added to the signal that ended one.
	notStarted = 127
	signalled  = 128
)

// guardConfig is what a guard is told, in the first line of its standard input.
type guardConfig struct {
	Command []string `json:"command"`
	Env     []string `json:"env"`
	Dir     string   `json:"dir"`
	// Input is the first line of the command's standard input, if not empty.
	Input string `json:"input"`
	// Output keeps the command's standard output apart, on the guard's own.
	// Without it all output goes to the guard's standard error, and the guard says
	// on its standard output which process it has started.
	Output bool `json:"output"`
}

// Guard makes the process the guard of a command: it starts the command in a
// process group of its own and holds its standard input open. When the command
// has ended, on SIGTERM, or when the guard's own standard input closes, which it
// does when the lab is gone, it ends what is left of the group: by SIGTERM, and by
// SIGKILL after 2 s, or as soon as the command has ended. It returns the exit code
// for the guard: the command's, or 128 and the number of the signal that ended it.
// A process that leaves its group is out of the guard's reach.
func Guard(stdin io.Reader, stdout, stderr io.Writer) int {
	signal.Ignore(os.Interrupt) // it is the lab's to answer
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	cmd, input, err := startGuarded(stdin, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return notStarted
	}
	gone := make(chan struct{})
	go func() { // ends with the process: a read of standard input cannot be interrupted
		defer close(gone)
		_, _ = io.Copy(io.Discard, stdin)
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its error repeats the state
	}()
	select {
	case <-ended:
	case <-gone:
	case <-asked:
	}
	_ = input.Close() // an error means that the command has ended
	terminateGroup(cmd.Process)
	select {
	case <-ended:
	case <-time.After(guardGrace):
	}
	kill(cmd.Process) // what is left of the group
	<-ended
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return signalled + int(status.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// startGuarded starts the command that the first line of standard input tells.
// The command's own input stays open until it is closed here.
func startGuarded(stdin io.Reader, stdout, stderr io.Writer) (*exec.Cmd, io.Closer, error) {
	line, err := readConfig(stdin)
	if err != nil {
		return nil, nil, fmt.Errorf("guard: config on standard input: %w", err)
	}
	var c guardConfig
	if err := json.Unmarshal(line, &c); err != nil {
		return nil, nil, fmt.Errorf("guard: config on standard input: %w", err)
	}
	if len(c.Command) == 0 {
		return nil, nil, fmt.Errorf("guard: no command")
	}
	cmd := exec.Command(c.Command[0], c.Command[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = stderr, stderr
	if c.Output {
		cmd.Stdout = stdout
	}
	setProcessGroup(cmd)
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	if !c.Output {
		fmt.Fprintf(stdout, startedForm+"\n", cmd.Process.Pid)
	}
	if c.Input != "" {
		go func() { _, _ = io.WriteString(input, c.Input+"\n") }() // nobody may read it
	}
	return cmd, input, nil
}

// unguarded is how the command of a guard ended, by how the guard did.
func (e Exit) unguarded() Exit {
	const signals = 64 // the most that any system has
	if n := e.Code - signalled; e.Signal == "" && n > 0 && n <= signals {
		e.Code, e.Signal = -1, syscall.Signal(n).String()
	}
	return e
}
