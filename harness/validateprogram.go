package harness

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	maxSteps    = 16     // commands before or after a variant
	maxRequests = 10_000 // of a scenario's own; a file may hold more
	// maxReadyTime bounds the wait for a program. One that fills caches from a
	// database at its start takes a minute.
	maxReadyTime = Duration(10 * 60 * 1e9)
)

// validate checks what a variant is, at a path of the scenario.
func (v Variant) validate(c *checker, path string) {
	e := v.Expect.OrDefault()
	c.want(e == ExpectClean || e == ExpectLeak || e == ExpectAny, path+".expect", string(e), "clean, leak or any")
	switch {
	case v.Handler == "" && len(v.Command) == 0 && v.Build.IsZero():
		c.want(false, path+".handler", v.Handler, "the name of a built-in handler, such as leaky/NAME; or else a command or a build")
	case v.Handler != "":
		v.validateHandler(c, path)
	case len(v.Command) > 0:
		c.want(v.Build.IsZero(), path+".build.package", v.Build.Package, "nothing beside a command")
		c.words(path+".command", v.Command)
	default:
		c.want(v.Build.Package != "", path+".build.package", v.Build.Package, "a main package, such as ./cmd/server")
		c.want(!strings.HasPrefix(v.Build.Package, "-"), path+".build.package", v.Build.Package, "a package, and flags in build.flags")
		c.want(!strings.HasPrefix(v.Build.Revision, "-"), path+".build.revision", v.Build.Revision, "a branch, a tag or a commit")
	}
	for _, name := range slices.Sorted(maps.Keys(v.Env)) {
		c.want(name != "" && !strings.ContainsAny(name, "=\x00"), path+".env", name, "a name without =")
	}
	v.Ready.validate(c, path+".ready")
	c.want(v.Probe == "" || v.Pprof == "", path+".pprof", v.Pprof, "nothing beside probe, which is read instead")
	c.steps(path+".before", v.Before)
	c.steps(path+".after", v.After)
}

// validateHandler refuses beside a built-in handler what is for programs of the
// user's.
func (v Variant) validateHandler(c *checker, path string) {
	for _, key := range []struct {
		name string
		set  bool
	}{
		{"command", len(v.Command) > 0}, {"build", !v.Build.IsZero()}, {"dir", v.Dir != ""}, {"env", len(v.Env) > 0},
		{"ready", v.Ready != Ready{}}, {"pprof", v.Pprof != ""}, {"probe", v.Probe != ""},
		{"before", len(v.Before) > 0}, {"after", len(v.After) > 0},
	} {
		if key.set {
			c.errs = append(c.errs, fmt.Errorf("%s: %s has handler and %s, want one of them: a built-in handler is a program already", c.subject, path, key.name))
		}
	}
}

func (r Ready) validate(c *checker, path string) {
	c.want(r.HTTP == "" || r.Log == "", path+".log", r.Log, "nothing beside %s.http", path)
	c.want(r.HTTP == "" || strings.HasPrefix(r.HTTP, "/") || strings.HasPrefix(r.HTTP, "http"), path+".http", r.HTTP,
		"a path such as /healthz, or a URL")
	between(c, path+".timeout", r.Timeout, 0, maxReadyTime)
}

// validateRequests wants requests for variants that bring none.
func (s Scenario) validateRequests(c *checker) {
	c.want(len(s.Requests) <= maxRequests, "requests", len(s.Requests), "at most %d, more of them in requests_file", maxRequests)
	for i, r := range s.Requests {
		c.want(r.URL != "", fmt.Sprintf("requests[%d].url", i), r.URL, "a path of the service, such as /items/{{seq}}")
	}
	builtIn := slices.ContainsFunc(s.Variants, func(v Variant) bool { return v.Handler != "" })
	given := len(s.Requests) > 0 || s.RequestsFile != ""
	if own := len(s.Variants) > 0 && !builtIn; own && !given {
		c.want(false, "requests", 0, "at least one, such as {url: /items/{{seq}}}: nothing is known of what a command answers")
	}
	if builtIn && given {
		c.want(false, "requests", len(s.Requests), "none beside a built-in handler, which brings its own")
	}
}

// steps wants commands.
func (c *checker) steps(path string, steps [][]string) {
	c.want(len(steps) <= maxSteps, path, len(steps), "at most %d commands", maxSteps)
	for i, step := range steps {
		c.words(fmt.Sprintf("%s[%d]", path, i), step)
	}
}

// words wants a program and its arguments.
func (c *checker) words(path string, words []string) {
	program := ""
	if len(words) > 0 {
		program = words[0]
	}
	c.want(strings.TrimSpace(program) != "", path+"[0]", program, "a program, such as ./server")
}
