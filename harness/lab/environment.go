package lab

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
)

// header is the record before the first request.
func (r *run) header(ctx context.Context) harness.Record {
	record := harness.Record{
		Schema:      harness.RecordSchema,
		ID:          r.created.UTC().Format("20060102-150405"),
		Scenario:    r.plan.Scenario.Name,
		StartedAt:   r.created.UTC().Truncate(time.Millisecond),
		Environment: environment(ctx, r.plan.Version),
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
func environment(ctx context.Context, version string) harness.Environment {
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
	e.SourceRoot = sourceRoot()
	e.ModulePath = modulePath(e.SourceRoot)
	e.Revision = revision(ctx, e.SourceRoot)
	return e
}

// modulePath is the module whose sources are at a directory: the one under test,
// which need not be leaklab.
func modulePath(root string) string {
	if root == "" {
		return ""
	}
	file, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(file)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			path, _, _ = strings.Cut(path, "//")
			return strings.Trim(strings.TrimSpace(path), `"`)
		}
	}
	return ""
}

// gitTime bounds a question to git.
const gitTime = 2 * time.Second

// revision is what git has checked out at a directory, or empty where it does not
// say.
func revision(ctx context.Context, root string) string {
	if root == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	head, err := exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(head))
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
