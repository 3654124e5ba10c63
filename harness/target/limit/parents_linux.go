package limit

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
)

// findParents are the cgroups in which one with a memory limit may be made, the
// best first, and their version. On a machine with both versions, one of them has
// the memory.
func findParents() ([]string, version, error) {
	self, err := procfs.Self()
	if err != nil {
		return nil, version{}, err
	}
	own, err := self.Cgroups()
	if err != nil {
		return nil, version{}, err
	}
	mounts, err := procfs.GetMounts()
	if err != nil {
		return nil, version{}, err
	}
	return parentsOf(own, mounts)
}

// parentsOf finds them from what /proc/self/cgroup and /proc/self/mountinfo say.
func parentsOf(own []procfs.Cgroup, mounts []*procfs.MountInfo) ([]string, version, error) {
	for _, group := range own {
		if !slices.Contains(group.Controllers, "memory") {
			continue
		}
		for _, m := range mounts {
			if _, memory := m.SuperOptions["memory"]; memory && m.FSType == "cgroup" {
				dir, err := below(m, group.Path)
				return []string{dir}, version1, err
			}
		}
	}
	for _, group := range own {
		for _, m := range mounts {
			if group.HierarchyID == 0 && m.FSType == "cgroup2" {
				dir, err := below(m, group.Path)
				return ancestors(dir, m.MountPoint), version2, err
			}
		}
	}
	return nil, version{}, errors.New("no cgroup file system is mounted")
}

// below is where a cgroup is in the file system: a mount may show a part of all.
func below(m *procfs.MountInfo, group string) (string, error) {
	path, err := filepath.Rel(m.Root, group)
	if err != nil || path == ".." || strings.HasPrefix(path, "../") {
		return "", fmt.Errorf("cgroup %s is outside of what is mounted at %s: %s", group, m.MountPoint, m.Root)
	}
	return filepath.Join(m.MountPoint, path), nil
}

// ancestors are a directory and those above it up to a root.
func ancestors(dir, root string) []string {
	all := []string{dir}
	for dir != root && len(dir) > len(root) {
		dir = filepath.Dir(dir)
		all = append(all, dir)
	}
	return all
}
