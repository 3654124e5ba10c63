package gauge

import "github.com/prometheus/procfs"

// MachineBytes is the memory of this machine, nil where the kernel does not say.
func MachineBytes() *int64 {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil
	}
	info, err := fs.Meminfo()
	if err != nil || info.MemTotalBytes == nil {
		return nil
	}
	return new(int64(*info.MemTotalBytes))
}
