package limit_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/leaklab/leaklab/harness/target/limit"
)

// needCgroups skips a test where no cgroup can be made.
func needCgroups(t *testing.T) {
	t.Helper()
	err := limit.Enforceable()
	if err != nil && os.Getenv("LEAKLAB_NO_SKIP") == "1" {
		t.Fatalf("LEAKLAB_NO_SKIP=1 forbids to skip: %v", err)
	}
	if err != nil {
		t.Skipf("the kernel holds no process to a memory limit here: %v", err)
	}
}

// needLinux skips a test where a process cannot be held to a limit in any way.
func needLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("no other system tells the resident memory of a process")
	}
}
