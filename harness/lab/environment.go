package lab

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
)

// header is the record before the first request.
func (r *run) header() harness.Record {
	record := harness.Record{
		Schema:      harness.RecordSchema,
		ID:          r.created.UTC().Format("20060102-150405"),
		Scenario:    r.plan.Scenario.Name,
		StartedAt:   r.created.UTC().Truncate(time.Millisecond),
		Environment: environment(r.plan.Version),
		Spec:        r.plan.Scenario,
		Command:     r.plan.Command,
	}
	for _, v := range r.plan.Variants {
		record.Variants = append(record.Variants, harness.Result{
			Name:       v.Name,
			Handler:    v.Handler,
			Gauge:      v.Gauge,
			Axis:       r.plan.Traffic.unit(),
			Expect:     v.Expect.OrDefault(),
			Complexity: v.Complexity,
			BestFor:    v.BestFor,
		})
	}
	return record
}

// maxCeiling is the memory ceiling of a target where the scenario sets none: the
// smaller of 2 GiB and a quarter of the machine. Six leaking targets at 2 GiB
// each still fit a 16 GiB machine.
const maxCeiling = 2 * harness.GiB

func defaultCeiling() harness.Bytes {
	if machine := gauge.MachineBytes(); machine != nil {
		return min(maxCeiling, harness.Bytes(*machine/4))
	}
	return maxCeiling
}

// environment is where the run takes place.
func environment(version string) harness.Environment {
	e := harness.Environment{
		GoVersion:      runtime.Version(),
		OS:             runtime.GOOS,
		Arch:           runtime.GOARCH,
		CPUs:           runtime.NumCPU(),
		MemoryBytes:    gauge.MachineBytes(),
		GOGC:           cmp.Or(os.Getenv("GOGC"), "100"),
		GOMEMLIMIT:     cmp.Or(os.Getenv("GOMEMLIMIT"), "off"),
		LeaklabVersion: version,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		e.ModulePath = info.Main.Path
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				e.Revision = s.Value
			}
		}
	}
	e.SourceRoot = sourceRoot()
	return e
}

// sourceRoot is the directory of the go.mod at or above the working directory,
// or empty where there is none.
func sourceRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
