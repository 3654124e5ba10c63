package limit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend/owner"
)

// version is what the files of a cgroup are called.
type version struct {
	limit string
	// swap bounds what may be swapped out: swapMax of it. It is missing where the
	// kernel does not account for swap.
	swap     string
	swapMax  func(limit harness.Bytes) harness.Bytes
	events   string // counts the kills in a line "oom_kill N"
	delegate bool   // whether a parent must be told to limit its children's memory
}

var (
	version1 = version{
		limit: "memory.limit_in_bytes", swap: "memory.memsw.limit_in_bytes", events: "memory.oom_control",
		swapMax: func(limit harness.Bytes) harness.Bytes { return limit }, // of memory and swap together
	}
	version2 = version{
		limit: "memory.max", swap: "memory.swap.max", events: "memory.events", delegate: true,
		swapMax: func(harness.Bytes) harness.Bytes { return 0 },
	}
)

// cgroup is a control group with a memory limit.
type cgroup struct {
	dir string
	version
}

// namePrefix starts the name of a cgroup; its owner's mark and something random
// follow: leaklab-4711.83520@host-K3…
const namePrefix = "leaklab-"

// newCgroup makes a cgroup of the version that has memory here, below this
// process's own, so that a limit of that one holds as well; on version 2, where a
// group with processes has no limited children, below the nearest ancestor that
// may have them.
func newCgroup(limit harness.Bytes) (cgroup, error) {
	parents, v, err := findParents()
	if err != nil {
		return cgroup{}, err
	}
	return newCgroupIn(parents, v, limit)
}

func newCgroupIn(parents []string, v version, limit harness.Bytes) (cgroup, error) {
	var errs []error
	for _, parent := range parents {
		g, err := v.make(parent, limit)
		if err == nil {
			return g, nil
		}
		errs = append(errs, err)
	}
	return cgroup{}, errors.Join(errs...)
}

// make makes a cgroup in a parent, and removes those of labs that were killed.
func (v version) make(parent string, limit harness.Bytes) (cgroup, error) {
	sweep(parent)
	if v.delegate {
		if err := write(parent, "cgroup.subtree_control", "+memory"); err != nil {
			return cgroup{}, err
		}
	}
	g := cgroup{dir: filepath.Join(parent, namePrefix+owner.Mark()+"-"+rand.Text()), version: v}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return cgroup{}, fmt.Errorf("make a cgroup: %w", errors.Unwrap(err))
	}
	err := write(g.dir, v.limit, bytesText(limit))
	if err == nil {
		// Version 1 wants it last: no less than the limit of the memory alone.
		if err = write(g.dir, v.swap, bytesText(v.swapMax(limit))); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		g.remove()
		return cgroup{}, err
	}
	return g, nil
}

// add moves a process into the cgroup, with what it starts from now on.
func (g cgroup) add(pid int) error { return write(g.dir, "cgroup.procs", strconv.Itoa(pid)) }

func (g cgroup) ended() (evidence string, killed bool) {
	defer g.remove()
	kills, err := g.kills()
	if err != nil || kills == 0 {
		return "", false
	}
	return fmt.Sprintf("the kernel killed it at its limit: %s: oom_kill 0 → %d", g.events, kills), true
}

// kills is how many processes of the cgroup the kernel has killed for their memory.
func (g cgroup) kills() (int, error) {
	text, err := os.ReadFile(filepath.Join(g.dir, g.events))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return strconv.Atoi(strings.TrimSpace(count))
		}
	}
	return 0, fmt.Errorf("%s: no line oom_kill", g.events)
}

// removeTime bounds the wait for the last processes of a cgroup to be gone from it.
const removeTime = time.Second

// remove removes the cgroup. What cannot be removed yet is left to the next start.
func (g cgroup) remove() {
	for deadline := time.Now().Add(removeTime); os.Remove(g.dir) != nil && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
}

// sweep removes the cgroups in a parent whose owner is gone. Those with processes
// in them cannot be removed, and stay.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // found when one is made in it
	}
	for _, entry := range entries {
		name, ours := strings.CutPrefix(entry.Name(), namePrefix)
		if end := strings.LastIndexByte(name, '-'); ours && end > 0 && owner.Abandoned(name[:end]) {
			_ = os.Remove(filepath.Join(parent, entry.Name()))
		}
	}
}

// write writes a file of a cgroup, which is there or is not of this kernel. Its
// errors leave the path out, which means nothing on another machine.
func write(dir, file, text string) error {
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("%s of a cgroup: %w", file, errors.Unwrap(err))
	}
	defer f.Close()
	if _, err = f.WriteString(text); err != nil {
		return fmt.Errorf("%s of a cgroup: %w", file, errors.Unwrap(err))
	}
	return nil
}

func bytesText(b harness.Bytes) string { return strconv.FormatInt(int64(b), 10) }
