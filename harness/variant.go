package harness

import (
	"maps"
	"regexp"
	"slices"
)

// Variant is one program of a scenario: a built-in handler, a command of the
// user's, or one that is built for the run. One of Handler, Command and Build is
// set; the fields below Build are for the latter two.
//
// In the words of a command, in env, ready, pprof and probe these are filled in:
// {{app_port}} and {{pprof_port}}, free ports of this machine; {{redis_url}} and
// {{database_url}}; and {{env NAME}}.
type Variant struct {
	// Name is the variant's name in flags, files and reports.
	Name string `json:"name" yaml:"name"`
	// Handler names a built-in handler, such as leaky/fraudcheck.
	Handler string `json:"handler,omitzero" yaml:"handler"`
	// Command is a program and its arguments. One whose {{app_port}} stands neither
	// there nor in Env must say itself where it listens, as package target does.
	Command []string `json:"command,omitzero" yaml:"command"`
	// Build is what to build the program of.
	Build Build `json:"build,omitzero" yaml:"build"`
	// Dir is where the command runs, relative to the scenario's file.
	Dir string `json:"dir,omitzero" yaml:"dir"`
	// Env is added to leaklab's own environment.
	Env map[string]string `json:"env,omitzero" yaml:"env"`
	// Ready says when the program can be loaded.
	Ready Ready `json:"ready,omitzero" yaml:"ready"`
	// Pprof is the URL below which /debug/pprof is served: empty, where the
	// application is. Probe is the URL of leaklab's probe, which reads more
	// exactly; with it there is no need for Pprof.
	Pprof string `json:"pprof,omitzero" yaml:"pprof"`
	Probe string `json:"probe,omitzero" yaml:"probe"`
	// Before are commands that run, in their order, when the program is ready and
	// before it is loaded. What they print as NAME=value is there as {{env NAME}}
	// in requests, and in the environment of the commands that follow. After are
	// commands that run when the program has ended.
	Before [][]string `json:"before,omitzero" yaml:"before"`
	After  [][]string `json:"after,omitzero" yaml:"after"`
	// Expect is what the variant is expected to do: "clean" (the default) or "leak".
	Expect Expectation `json:"expect,omitzero" yaml:"expect"`
	// Control says that the variant is known to be clean: what it drifts by in a
	// run is noise, which the others of that run are allowed as well.
	Control bool `json:"control,omitzero" yaml:"control"`
}

// BuiltIn tells whether the variant is a handler that leaklab brings.
func (v Variant) BuiltIn() bool { return v.Handler != "" }

var appPort = regexp.MustCompile(`\{\{\s*app_port\s*\}\}`)

// Announces tells whether the program must say itself where it listens: nobody
// tells it.
func (v Variant) Announces() bool {
	told := slices.Concat(v.Command, v.Build.Args, slices.Collect(maps.Values(v.Env)))
	return !v.BuiltIn() && !slices.ContainsFunc(told, appPort.MatchString)
}

// Gauge is how the program's memory is read: through the probe where it is known
// to have one, which the announcement names.
func (v Variant) Gauge() GaugeKind {
	if v.BuiltIn() || v.Probe != "" || v.Announces() && v.Pprof == "" {
		return GaugeProbe
	}
	return GaugePprof
}

// Build is a program that go build makes for the run.
type Build struct {
	// Package is the main package: ./cmd/server.
	Package string `json:"package" yaml:"package"`
	// Revision is the git revision to build, in a work tree of its own. Empty: the
	// sources as they are.
	Revision string `json:"revision,omitzero" yaml:"revision"`
	// Flags are those of go build, such as -tags=sqlite.
	Flags []string `json:"flags,omitzero" yaml:"flags"`
	// Args are the program's arguments, as those of a command.
	Args []string `json:"args,omitzero" yaml:"args"`
}

// IsZero tells whether there is nothing to build.
func (b Build) IsZero() bool {
	return b.Package == "" && b.Revision == "" && len(b.Flags) == 0 && len(b.Args) == 0
}

// Ready says when a program can be loaded: when a URL answers, or a line was
// logged; the application's port must accept connections in any case. The zero
// value asks for no more than that.
type Ready struct {
	// HTTP is a path of the application, or a whole URL, that answers with a status
	// below 400: /healthz.
	HTTP string `json:"http,omitzero" yaml:"http"`
	// Log is a text in a line of the program's output.
	Log string `json:"log,omitzero" yaml:"log"`
	// Timeout bounds the wait. Zero: 30 s.
	Timeout Duration `json:"timeout,omitzero" yaml:"timeout"`
}

// RequestTemplate is a request of a scenario. Its values may hold {{seq}},
// {{rand N}}, {{uuid}} and {{env NAME}}.
type RequestTemplate struct {
	// Method is GET where it is empty.
	Method string `json:"method,omitzero" yaml:"method"`
	// URL is a path of the application: /items/{{seq}}.
	URL    string            `json:"url" yaml:"url"`
	Header map[string]string `json:"header,omitzero" yaml:"header"`
	Body   string            `json:"body,omitzero" yaml:"body"`
}

// Expectation is what a scenario expects of a variant.
type Expectation string

// The expectations. The zero value means clean.
const (
	ExpectClean Expectation = "clean"
	ExpectLeak  Expectation = "leak"
	// ExpectAny is for a reference, such as the base of a change: whatever it is, the
	// run does not fail for it.
	ExpectAny Expectation = "any"
)

// OrDefault is the expectation with the default filled in.
func (e Expectation) OrDefault() Expectation {
	if e == "" {
		return ExpectClean
	}
	return e
}
