package reports

import (
	"strconv"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// siteGrid has the sites that grew most in each variant, clean ones too: there
// they say what the noise is made of.
func siteGrid(r harness.Record) grid {
	g := grid{header: []string{"variant", "allocated at", "function", "growth", "a request", "share", "samples", "fingerprint"}}
	for _, v := range r.Variants {
		for _, b := range v.Blame[:min(maxSites, len(v.Blame))] {
			g.add(plain,
				safe(v.Name), source(b.File, b.Line, r.Environment), shortFunction(b.Function),
				bytesOf(b.GrowthBytes), bytesOf(b.BytesPerRequest), percent(b.Share),
				harness.FormatCount(float64(b.Samples)), safe(b.Fingerprint),
			)
		}
	}
	return g
}

// source is a line of code as the reader finds it: relative to the module that
// is tested, the module cache, or GOROOT.
func source(file string, line int, e harness.Environment) string {
	if file == "" {
		return unknown
	}
	file = strings.ReplaceAll(file, `\`, "/")
	root := strings.TrimSuffix(strings.ReplaceAll(e.SourceRoot, `\`, "/"), "/")
	_, cached, inCache := strings.Cut(file, "/pkg/mod/")
	_, standard, inGo := strings.Cut(file, "/go/src/")
	inRoot := root != "" && strings.HasPrefix(file, root+"/")
	inModule := e.ModulePath != "" && strings.HasPrefix(file, e.ModulePath+"/") // built with -trimpath
	switch {
	case inRoot:
		file = file[len(root)+1:]
	case inModule:
		file = file[len(e.ModulePath)+1:]
	case inCache:
		file = cached
	case inGo:
		file = standard
	}
	return safe(file) + ":" + strconv.Itoa(line)
}

// shortFunction is a function's name without the directories of its package:
// fraudcheck.(*Handler).check.
func shortFunction(name string) string {
	if name == "" {
		return unknown
	}
	end := len(name)
	if i := strings.IndexAny(name, "[("); i >= 0 {
		end = i
	}
	return safe(name[strings.LastIndexByte(name[:end], '/')+1:])
}
