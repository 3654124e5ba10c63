package owner

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestAbandoned(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	self, dead := os.Getpid(), child.Process.Pid
	_, dated := began(self)
	for mark, want := range map[string]bool{
		Mark():                                  false,
		fmt.Sprintf("%d@%s", self, host):        false,
		fmt.Sprintf("%d@%s", dead, host):        true,
		fmt.Sprintf("%d.17@%s", dead, host):     true,
		fmt.Sprintf("%d.17@%s", self, host):     dated, // this process has the id of one that began at 17
		fmt.Sprintf("%d@%s.elsewhere", 1, host): false,
		fmt.Sprintf("%d@", dead):                false,
		"@" + host:                              false,
		"":                                      false,
	} {
		if got := Abandoned(mark); got != want {
			t.Errorf("Abandoned(%q) = %t, want %t", mark, got, want)
		}
	}
	if !strings.HasSuffix(Mark(), "@"+host) {
		t.Errorf("Mark() = %q, want one of %s", Mark(), host)
	}
}
