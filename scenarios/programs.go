package scenarios

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/leaklab/leaklab/harness/target"
)

// Needs are the backends that the variants need: those of the case, and where
// there is a program of the user's those that the scenario names.
func (r Resolved) Needs() backend.Needs {
	needs := r.Case.Needs
	if slices.ContainsFunc(r.Scenario.Variants, func(v harness.Variant) bool { return !v.BuiltIn() }) {
		needs.Redis = needs.Redis || r.Scenario.Backends.Redis != ""
		needs.SQL = needs.SQL || r.Scenario.Backends.SQL != ""
	}
	return needs
}

// checkProgram reports the placeholders of a program of the user's that nothing
// stands for, and addresses that are not of this machine.
func checkProgram(v harness.Variant, needs backend.Needs) []error {
	places := target.Places{AppPort: 1, PprofPort: 1, Env: func(string) (string, bool) { return "", true }}
	if needs.Redis {
		places.RedisURL = "redis://127.0.0.1"
	}
	if needs.SQL {
		places.DatabaseURL = "database"
	}
	var errs []error
	expand := func(path, text string) string {
		filled, err := places.Expand(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
		return filled
	}
	each := func(path string, words []string) {
		for i, word := range words {
			expand(fmt.Sprintf("%s[%d]", path, i), word)
		}
	}
	each("command", v.Command)
	each("build.args", v.Build.Args)
	for _, name := range slices.Sorted(maps.Keys(v.Env)) {
		expand("env."+name, v.Env[name])
	}
	for i, step := range v.Before {
		each(fmt.Sprintf("before[%d]", i), step)
	}
	for i, step := range v.After {
		each(fmt.Sprintf("after[%d]", i), step)
	}
	for _, address := range []struct{ path, text string }{{"ready.http", v.Ready.HTTP}, {"pprof", v.Pprof}, {"probe", v.Probe}} {
		url := expand(address.path, address.text)
		if url != "" && url[0] != '/' && !load.IsLocal(url) {
			errs = append(errs, fmt.Errorf("%s = %q, want a URL of this machine, such as http://127.0.0.1:{{app_port}}", address.path, address.text))
		}
	}
	return errs
}
