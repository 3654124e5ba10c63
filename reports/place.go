package reports

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// base is what the path of a file is relative to. The values are the names that
// SARIF's viewers know, or that say themselves where to look.
type base string

const (
	inModule base = "%SRCROOT%" // the module that is tested
	inCache  base = "GOMODCACHE"
	inGo     base = "GOROOT"
	absolute base = "" // none of these
)

// place is a line of code as a reader finds it on another machine.
type place struct {
	base base
	path string // with slashes
	line int
}

// placeOf finds out what a file of a stack belongs to.
func placeOf(file string, line int, e harness.Environment) place {
	file = strings.ReplaceAll(file, `\`, "/")
	root := strings.TrimSuffix(strings.ReplaceAll(e.SourceRoot, `\`, "/"), "/")
	if root != "" && strings.HasPrefix(file, root+"/") {
		return place{inModule, file[len(root)+1:], line}
	}
	if e.ModulePath != "" && strings.HasPrefix(file, e.ModulePath+"/") { // built with -trimpath
		return place{inModule, file[len(e.ModulePath)+1:], line}
	}
	if _, cached, ok := strings.Cut(file, "/pkg/mod/"); ok {
		return place{inCache, cached, line}
	}
	if _, standard, ok := strings.Cut(file, "/go/src/"); ok {
		return place{inGo, "src/" + standard, line}
	}
	return place{absolute, file, line}
}

// String is the place for a reader: "fraud/check.go:71".
func (p place) String() string {
	if p.path == "" {
		return unknown
	}
	file := p.path
	if p.base == inGo {
		file = strings.TrimPrefix(file, "src/")
	}
	return fmt.Sprintf("%s:%d", safe(file), p.line)
}

// own tells whether a line is of the user's code: in the module, or, of a program
// that was built elsewhere, neither in a module of some version nor in Go itself,
// whose paths begin with no host where they are trimmed.
func (p place) own() bool {
	root, _, _ := strings.Cut(p.path, "/")
	rooted := root == "" || strings.ContainsAny(root, ".:")
	return p.base == inModule || p.base == absolute && p.path != "" && rooted && !strings.Contains(p.path, "@v")
}

// inRepository is the path of a file of the module as its repository has it;
// empty for any other.
func (p place) inRepository(o Options) string {
	if p.base != inModule || p.path == "" {
		return ""
	}
	if dir := strings.Trim(o.Subdir, "/"); dir != "" {
		return dir + "/" + p.path
	}
	return p.path
}

// url is where the line is shown; empty where that is not known.
func (p place) url(o Options) string {
	file := p.inRepository(o)
	if file == "" || o.SourceURL == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s#L%d", strings.TrimSuffix(o.SourceURL, "/"), escapePath(file), p.line)
}

// escapePath writes a path so that it means itself in a URI.
func escapePath(path string) string {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/@+,="
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; strings.IndexByte(unreserved, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
