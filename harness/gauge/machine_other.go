//go:build !linux

package gauge

// MachineBytes is the memory of this machine, nil where the kernel does not say.
func MachineBytes() *int64 { return nil }
