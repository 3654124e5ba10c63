package limit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/procfs"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend/owner"
)

func TestParents(t *testing.T) {
	memory := &procfs.MountInfo{FSType: "cgroup", MountPoint: "/cg/memory", Root: "/", SuperOptions: map[string]string{"rw": "", "memory": ""}}
	cpu := &procfs.MountInfo{FSType: "cgroup", MountPoint: "/cg/cpu", Root: "/", SuperOptions: map[string]string{"cpu": ""}}
	unified := &procfs.MountInfo{FSType: "cgroup2", MountPoint: "/cg", Root: "/"}
	inside := &procfs.MountInfo{FSType: "cgroup2", MountPoint: "/cg", Root: "/docker/abc"}
	v1 := procfs.Cgroup{HierarchyID: 4, Controllers: []string{"memory"}, Path: "/user/1"}
	v2 := procfs.Cgroup{HierarchyID: 0, Controllers: []string{""}, Path: "/user.slice/a.scope"}
	for name, tt := range map[string]struct {
		own    []procfs.Cgroup
		mounts []*procfs.MountInfo
		want   []string
		err    string
	}{
		"version 1":           {[]procfs.Cgroup{v1}, []*procfs.MountInfo{cpu, memory}, []string{"/cg/memory/user/1"}, ""},
		"both, memory on 1":   {[]procfs.Cgroup{v2, v1}, []*procfs.MountInfo{unified, cpu, memory}, []string{"/cg/memory/user/1"}, ""},
		"version 2":           {[]procfs.Cgroup{v2}, []*procfs.MountInfo{unified}, []string{"/cg/user.slice/a.scope", "/cg/user.slice", "/cg"}, ""},
		"inside a container":  {[]procfs.Cgroup{{Path: "/docker/abc"}}, []*procfs.MountInfo{inside}, []string{"/cg"}, ""},
		"outside of the part": {[]procfs.Cgroup{v2}, []*procfs.MountInfo{inside}, []string{"", "/cg"}, "is outside of what is mounted"},
		"none":                {[]procfs.Cgroup{v1}, []*procfs.MountInfo{cpu}, nil, "no cgroup file system is mounted"},
	} {
		got, _, err := parentsOf(tt.own, tt.mounts)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want one with %q", name, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestVersion2 makes a cgroup in a directory that looks like one of version 2, which
// few machines of tests let a test have: the nearest parent refuses.
func TestVersion2(t *testing.T) {
	root := t.TempDir()
	busy := filepath.Join(root, "busy") // without the file that allows it
	if err := os.MkdirAll(busy, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := newCgroupIn([]string{busy, root}, version2, harness.MiB)
	// An ordinary directory has no memory.max: the group is made and removed again.
	if err == nil || !strings.Contains(err.Error(), "cgroup.subtree_control of a cgroup") || !strings.Contains(err.Error(), "memory.max of a cgroup") {
		t.Errorf("error %v, want what each of the parents lacks", err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "cgroup.subtree_control")); string(text) != "+memory" {
		t.Errorf("the parent was told %q, want +memory", text)
	}
	if left, _ := filepath.Glob(filepath.Join(root, namePrefix+"*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestKills(t *testing.T) {
	for text, want := range map[string]int{
		"oom_kill_disable 0\nunder_oom 0\noom_kill 2\n":           2, // version 1
		"low 0\nhigh 0\nmax 71\noom 3\noom_kill 1\noom_group 0\n": 1, // version 2
		"oom_kill_disable 0\nunder_oom 0\n":                       -1,
		"oom_kill many\n":                                         -1,
	} {
		g := cgroup{dir: t.TempDir(), version: version1}
		if err := os.WriteFile(filepath.Join(g.dir, g.events), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := g.kills()
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("kills of %q = %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestSweepRemovesWhatTheDeadLeft(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	for name, stays := range map[string]bool{
		fmt.Sprintf("%s%d.17@%s-ABC", namePrefix, child.Process.Pid, host): false,
		namePrefix + owner.Mark() + "-ABC":                                 true,
		namePrefix + "1@elsewhere-ABC":                                     true,
		"docker":                                                           true,
	} {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		sweep(parent)
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: there = %t, want %t", name, err == nil, stays)
		}
	}
}
