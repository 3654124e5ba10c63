package limit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/target"
	"github.com/leaklab/leaklab/harness/target/limit"
)

// TestMain makes the test binary a target that takes 4 MiB for each request, where
// it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) != 2 || os.Args[1] != "target" {
		os.Exit(m.Run())
	}
	var kept [][]byte
	err := target.Serve(context.Background(), target.Options{
		Stdin: os.Stdin, Stdout: os.Stdout, Probe: http.NotFoundHandler(),
		New: func(context.Context, json.RawMessage) (http.Handler, func() error, error) {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				block := make([]byte, 4<<20)
				for i := range block {
					block[i] = 1
				}
				kept = append(kept, block)
			}), nil, nil
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// start starts a target under a limit.
func start(t *testing.T, l target.Limit) *target.Process {
	t.Helper()
	p, err := target.Start(t.Context(), target.Command{
		Name: "grows", Path: os.Args[0], Args: []string{"target"}, Limit: l, StartTimeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(time.Second) })
	return p
}

// grow makes the target grow until it is gone, or by 256 MiB.
func grow(t *testing.T, p *target.Process) target.Exit {
	t.Helper()
	client := http.Client{Timeout: 20 * time.Second}
	for range 64 {
		resp, err := client.Get("http://" + p.App() + "/")
		if err != nil {
			break
		}
		resp.Body.Close()
	}
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("a target of 64 MiB is still there after it grew by 256 MiB")
	}
	return p.Exit()
}

// TestKilledAtTheLimit is killed by the kernel, on a machine whose kernel may be
// asked, such as one of continuous integration where the tests run as root.
func TestKilledAtTheLimit(t *testing.T) {
	needLinux(t)
	evidence, groups := "oom_kill 0 → 1", 1
	if err := limit.Enforceable(); err != nil {
		evidence, groups = "a simulation: ", 0
	}
	p := start(t, limit.New(64*harness.MiB))
	if n := len(cgroups(t)); n != groups {
		t.Errorf("%d cgroups of this process, want %d", n, groups)
	}
	exit := grow(t, p)
	if !exit.OOMKilled || exit.Signal != "killed" || !strings.Contains(exit.Evidence, evidence) {
		t.Errorf("exit %+v, want killed for its memory with %q", exit, evidence)
	}
	if left := cgroups(t); len(left) > 0 {
		t.Errorf("cgroups left: %q", left)
	}
}

func TestWatchdogSaysThatItSimulates(t *testing.T) {
	needLinux(t)
	exit := grow(t, start(t, limit.Watchdog(64*harness.MiB)))
	if !exit.OOMKilled || exit.Signal != "killed" || !strings.Contains(exit.Evidence, "a simulation: ") || !strings.Contains(exit.Evidence, "64 MiB allowed") {
		t.Errorf("exit %+v, want killed by a watchdog", exit)
	}
}

// A target that ends in another way was not killed for its memory.
func TestEndBelowTheLimit(t *testing.T) {
	needLinux(t)
	p := start(t, limit.New(64*harness.MiB))
	if err := p.Stop(5 * time.Second); err != nil {
		t.Error(err)
	}
	if exit := p.Exit(); exit.OOMKilled || exit.Evidence != "" {
		t.Errorf("exit %+v, want an orderly end", exit)
	}
	if left := cgroups(t); len(left) > 0 {
		t.Errorf("cgroups left: %q", left)
	}
}

// needLinux skips a test where a process cannot be held to a limit in any way.
func needLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("no other system tells the resident memory of a process")
	}
}

// cgroups are the directories that this process's limits have made.
func cgroups(t *testing.T) []string {
	t.Helper()
	var found []string
	for pattern := "/sys/fs/cgroup"; len(pattern) < 30; pattern += "/*" { // eight levels deep
		at, err := filepath.Glob(fmt.Sprintf("%s/leaklab-%d[.@]*", pattern, os.Getpid()))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, at...)
	}
	return found
}
