package gauge

import "github.com/prometheus/procfs"

// FootprintOf reads the footprint of a process. It walks the process's page
// tables, so it belongs at checkpoints, not in a timeline.
func FootprintOf(pid int) Footprint {
	if f, err := mapped(pid); err == nil {
		return f
	}
	process, err := procfs.NewProc(pid)
	if err != nil {
		return Footprint{}
	}
	// Note: RssAnon of /proc/PID/status only where this fails. It is summed lazily
	// over the processors' own counters and may be off by dozens of pages for
	// each; the walk finds the same figure exactly.
	if walked, err := process.ProcSMapsRollup(); err == nil {
		return Footprint{
			RSSBytes:       resident(walked.Rss),
			PSSBytes:       resident(walked.Pss),
			AnonymousBytes: resident(walked.Anonymous),
		}
	}
	status, err := process.NewStatus()
	if err != nil {
		return Footprint{}
	}
	return Footprint{RSSBytes: resident(status.VmRSS), AnonymousBytes: resident(status.RssAnon)}
}

// ResidentBytes is the resident memory of a process, nil where the kernel does
// not say. It is cheap enough for a timeline: the kernel's counters, which may be
// off by dozens of pages for each processor.
func ResidentBytes(pid int) *int64 {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return nil
	}
	statm, err := process.Statm()
	if err != nil {
		return nil
	}
	return resident(statm.ResidentBytes())
}

// resident is a figure of a running process: nothing resident is a zombie, or a
// kernel that does not say.
func resident(bytes uint64) *int64 {
	if bytes == 0 {
		return nil
	}
	v := int64(bytes)
	return &v
}
