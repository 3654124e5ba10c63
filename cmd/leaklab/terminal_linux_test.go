package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/leaklab/leaklab/harness"
)

// A terminal gets bars, and colours unless NO_COLOR is set.
func TestTerminal(t *testing.T) {
	const (
		bar = "measuring  ["
		red = "\x1b[31m"
	)
	t.Parallel()
	for _, noColor := range []string{"", "1"} {
		t.Run("NO_COLOR="+noColor, func(t *testing.T) {
			skipSlow(t)
			c := newShell(t).prepare("run ./pair.yaml --no-self-test --out out")
			c.cmd.Env = append(c.cmd.Env, "TERM=xterm", "NO_COLOR="+noColor)
			controller, terminal := openTerminal(t)
			c.cmd.Stdout, c.cmd.Stderr = terminal, terminal
			shown := make(chan struct{})
			go func() { // until the last who has the terminal open is gone
				defer close(shown)
				_, _ = io.Copy(&c.stdout, controller)
			}()
			c.begin()
			terminal.Close()
			<-c.done
			<-shown
			c.wait().want(harness.ExitLeak, bar, "FAIL")
			if colored := strings.Contains(c.stdout.String(), red); colored != (noColor == "") {
				t.Errorf("coloured = %v:\n%q", colored, c.stdout.String())
			}
		})
	}
}

// openTerminal opens both ends of a pseudo-terminal of 120 columns, see pty(7).
func openTerminal(t *testing.T) (controller, terminal *os.File) {
	t.Helper()
	controller, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { controller.Close() })
	var unlocked, number int32
	size := [4]uint16{40, 120}
	control(t, controller, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	control(t, controller, syscall.TIOCGPTN, unsafe.Pointer(&number))
	control(t, controller, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return controller, terminal
}

func control(t *testing.T, f *os.File, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(argument)); errno != 0 {
		t.Fatalf("ioctl %#x of %s: %v", request, f.Name(), errno)
	}
}
