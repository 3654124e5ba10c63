package reports

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// head says what was run.
func head(r harness.Record) []string {
	parts := []string{safe(r.Scenario)}
	if n := len(r.Variants); n == 1 {
		parts = append(parts, "1 variant")
	} else {
		parts = append(parts, fmt.Sprintf("%d variants side by side", n))
	}
	load := r.Spec.Load
	rate := "as fast as they answer"
	if !load.Rate.IsMax() {
		rate = harness.FormatCount(float64(load.Rate)) + " requests/s"
	}
	if axisOf(r) != "" {
		parts = append(parts, "load from elsewhere")
	} else {
		parts = append(parts, fmt.Sprintf("%s over %d connections", rate, load.Connections))
	}
	if limit := r.Spec.MemoryLimit; limit > 0 {
		parts = append(parts, limit.String()+" of memory each")
	}
	switch b := r.Spec.Backends; {
	case b.Redis != "" && b.Redis == b.SQL:
		parts = append(parts, "Redis and SQL "+safe(b.SQL))
	case b.Redis != "" && b.SQL != "":
		parts = append(parts, "Redis "+safe(b.Redis)+", SQL "+safe(b.SQL))
	case b.Redis != "":
		parts = append(parts, "Redis "+safe(b.Redis))
	case b.SQL != "":
		parts = append(parts, "SQL "+safe(b.SQL))
	}
	parts = append(parts, selfTest(r.SelfTest))
	if !r.Complete && untrusted(r.SelfTest) == "" {
		parts = append(parts, "interrupted")
	}
	return parts
}

// budget says what was allowed.
func budget(b harness.Budget, a axis) []string {
	var parts []string
	if b.Growth.Over > 0 {
		parts = append(parts, fmt.Sprintf("%s of growth in %s", b.Growth.Bytes, b.Growth.Over))
	}
	if b.Slope > 0 {
		parts = append(parts, harness.FormatBytes(float64(b.Slope))+" "+a.each())
	}
	if b.Objects > 0 {
		parts = append(parts, fmt.Sprintf("%g objects %s", float64(b.Objects), a.each()))
	}
	if b.Goroutines > 0 {
		parts = append(parts, fmt.Sprintf("%g goroutines %s", float64(b.Goroutines), a.each()))
	}
	if b.OffHeap > 0 {
		parts = append(parts, harness.FormatBytes(float64(b.OffHeap))+" off-heap "+a.each())
	}
	if b.TimeToOOM.AtLeast > 0 {
		parts = append(parts, fmt.Sprintf("%s within %s", b.TimeToOOM.AtLeast, b.TimeToOOM.Limit))
	}
	if b.Peak > 0 {
		parts = append(parts, b.Peak.String()+" of live heap")
	}
	if b.RSS > 0 {
		parts = append(parts, b.RSS.String()+" of footprint")
	}
	if b.Keys > 0 {
		parts = append(parts, harness.FormatCount(float64(b.Keys))+" keys")
	}
	if b.Churn > 0 {
		parts = append(parts, harness.FormatBytes(float64(b.Churn))+" allocated "+a.each())
	}
	if b.GCCPU > 0 {
		parts = append(parts, b.GCCPU.String()+" of the CPU time to collect garbage")
	}
	return parts
}

// because is the reason of the run's outcome, in a sentence.
func because(r harness.Record) string {
	if why := untrusted(r.SelfTest); why != "" {
		return why
	}
	var parts []string
	if !r.Complete {
		parts = append(parts, "the run was interrupted")
	}
	const most = 5
	unexpected := 0
	for _, v := range r.Variants {
		why := unmet(v, r.Complete)
		if why == "" {
			continue
		}
		if unexpected++; unexpected <= most {
			parts = append(parts, safe(v.Name)+" "+why)
		}
	}
	if unexpected > most {
		parts = append(parts, fmt.Sprintf("%d more are not as expected", unexpected-most))
	}
	if parts = append(parts, unmetSuppressions(r)...); len(parts) > 0 {
		return strings.Join(parts, "; ")
	}
	if r.Outcome == harness.Pass && slices.ContainsFunc(r.Variants, func(v harness.Result) bool { return v.Suppressed }) {
		return "every variant is what the scenario expects, or leaks and is let pass"
	}
	if r.Outcome == harness.Pass {
		return "every variant is what the scenario expects"
	}
	return "nothing was measured"
}

// unmet says how a variant differs from what was expected of it; empty where it
// does not. That an interrupted run leaves it inconclusive goes without saying.
func unmet(v harness.Result, complete bool) string {
	switch {
	case v.Load.FailedMost():
		return "failed most requests"
	case v.Death != nil && v.Verdict.Outcome != harness.Fail:
		return ended(v.Death.Cause)
	case v.AsExpected, !complete && v.Verdict.Outcome == harness.Inconclusive:
		return ""
	case v.Verdict.Outcome == harness.Pass:
		return "was expected to leak and does not"
	case v.Verdict.Outcome == harness.Fail && leaks(v.Verdict.Class):
		return "leaks"
	case v.Verdict.Outcome == harness.Fail:
		return "is over its budget"
	}
	return "is inconclusive"
}

// ended says how a target ended before the lab ended it.
func ended(cause string) string {
	switch cause {
	case harness.Crashed, harness.Hung:
		return cause
	case harness.MemoryCeiling:
		return "reached its memory ceiling"
	case harness.OOMKilled:
		return "was killed for its memory"
	}
	return "ended: " + safe(cause)
}

// facts are the environment, a name and a value each.
func facts(r harness.Record) [][2]string {
	e := r.Environment
	started := unknown
	if !r.StartedAt.IsZero() {
		started = r.StartedAt.UTC().Format("2006-01-02 15:04:05 MST")
	}
	all := [][2]string{
		{"run", r.ID}, {"started", started}, {"command", commandLine(r.Command)},
		{"leaklab", e.LeaklabVersion}, {"revision", e.Revision}, {"module", e.ModulePath},
		{"Go", e.GoVersion}, {"system", strings.Trim(path.Join(e.OS, e.Arch), "/")}, {"CPUs", fmt.Sprint(e.CPUs)},
		{"memory", known(e.MemoryBytes, bytesOf)}, {"GOGC", e.GOGC}, {"GOMEMLIMIT", e.GOMEMLIMIT},
	}
	for i, f := range all {
		if all[i][1] = safe(f[1]); all[i][1] == "" {
			all[i][1] = unknown
		}
	}
	return all
}
