package owner

import (
	"os"
	"os/exec"
	"testing"
)

func TestAlive(t *testing.T) {
	if !Alive(os.Getpid()) {
		t.Error("this process is not alive")
	}
	if !Alive(os.Getppid()) {
		t.Error("the parent of this process is not alive")
	}
	for _, pid := range []int{-1, 0} {
		if Alive(pid) {
			t.Errorf("process %d is alive", pid)
		}
	}
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	if Alive(child.Process.Pid) {
		t.Errorf("process %d is alive, but it was waited for", child.Process.Pid)
	}
}
