// Package limit puts a target under a memory limit, so that a leak ends as it
// does in production: the kernel kills the process, and says so. Where no cgroup
// can be made, for want of rights or on another system, a watchdog ends the target
// at its limit, and says that it is a simulation.
//
// It starts no process, and limits nothing but memory: package target asks it when
// a target starts and when it has ended.
//
// Note: containerd/cgroups would do it as well, and bring clients of D-Bus and
// eBPF into every build; four files of a cgroup are all that this needs.
package limit

import (
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/target"
)

// Limit is a memory limit for one target. It implements [target.Limit].
type Limit struct {
	bytes    harness.Bytes
	enforcer enforcer // nil until a process is under the limit
}

// enforcer holds a process to its limit.
type enforcer interface {
	ended() (evidence string, killed bool)
}

// New makes a limit of so many bytes: of the kernel's account of the process,
// page tables and stacks included, and of swap none.
func New(bytes harness.Bytes) *Limit { return &Limit{bytes: bytes} }

// Enforce puts a process under the limit: into a cgroup of its own, else under a
// watchdog. An error means that neither can be had.
//
// Note: to start the process inside the cgroup (clone3 on version 2, a shim that
// is added and then executes the target on version 1) would count its first few
// MiB as well. A target waits for its configuration, so that it can be added as
// it is, on both versions alike.
func (l *Limit) Enforce(p *target.Process) error {
	group, err := newCgroup(l.bytes)
	if err == nil {
		if err = group.add(p.Pid()); err == nil {
			l.enforcer = group
			return nil
		}
		group.remove()
	}
	dog, err := watch(p, l.bytes, err)
	if err == nil {
		l.enforcer = dog
	}
	return err
}

// Ended says whether the limit ended the process and how that is known, and
// removes the cgroup.
func (l *Limit) Ended() (evidence string, killed bool) {
	if l.enforcer == nil {
		return "", false
	}
	return l.enforcer.ended()
}

// Enforceable says why the kernel would not enforce a limit here, nil where it
// would: then a watchdog stands in for it.
func Enforceable() error {
	group, err := newCgroup(64 * harness.MiB)
	if err == nil {
		group.remove()
	}
	return err
}
