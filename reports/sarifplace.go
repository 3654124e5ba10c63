package reports

import (
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/leaklab/leaklab/harness"
)

// sarifPlaces is where a result stands and what belongs to it: the site, if it is
// in the tested module, else the call nearest to it that is, with the site beside
// it, since viewers show nothing outside the repository. A result must have a
// place: where none is known it is the module's own file.
func sarifPlaces(b harness.Blame, e harness.Environment, o Options) (*sarif.Location, []*sarif.Location) {
	site := harness.Frame{Function: b.Function, File: b.File, Line: b.Line}
	if placeOf(site.File, site.Line, e).base == inModule {
		return sarifLocation(site, e, o), nil
	}
	own := func(f harness.Frame) bool { return placeOf(f.File, f.Line, e).base == inModule }
	var related []*sarif.Location
	if site.File != "" {
		related = append(related, sarifLocation(site, e, o).WithID(1).WithMessage(sarifMessage("allocated here")))
	}
	if i := slices.IndexFunc(b.Stack, own); i >= 0 {
		return sarifLocation(b.Stack[i], e, o), related
	}
	module := place{base: inModule, path: "go.mod", line: 1}
	return sarif.NewLocation().WithPhysicalLocation(module.sarif(o)), related
}

// maxFrames bounds the frames of a code flow: those nearest to the site.
const maxFrames = 64

// sarifFlow leads from the outermost call to the site; nil without a stack.
func sarifFlow(b harness.Blame, e harness.Environment, o Options) *sarif.CodeFlow {
	if len(b.Stack) == 0 {
		return nil
	}
	thread := sarif.NewThreadFlow()
	for _, f := range slices.Backward(b.Stack[:min(maxFrames, len(b.Stack))]) {
		at := sarifLocation(f, e, o).WithMessage(sarifMessage(shortFunction(f.Function)))
		thread.AddLocation(sarif.NewThreadFlowLocation().WithLocation(at))
	}
	return sarif.NewCodeFlow().AddThreadFlow(thread)
}

func sarifLocation(f harness.Frame, e harness.Environment, o Options) *sarif.Location {
	l := sarif.NewLocation()
	if f.Function != "" {
		l.AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(safe(f.Function)).WithKind("function"))
	}
	if at := placeOf(f.File, f.Line, e); at.path != "" {
		l.WithPhysicalLocation(at.sarif(o))
	}
	return l
}

// sarif is a place as a URI, relative to what it belongs to.
func (p place) sarif(o Options) *sarif.PhysicalLocation {
	artifact := sarif.NewArtifactLocation()
	switch {
	case p.base == inModule:
		artifact.WithURI(escapePath(safe(p.inRepository(o)))).WithURIBaseID(string(p.base))
	case p.base != absolute:
		artifact.WithURI(escapePath(safe(p.path))).WithURIBaseID(string(p.base))
	default:
		artifact.WithURI("file:///" + escapePath(safe(strings.TrimLeft(p.path, "/"))))
	}
	physical := sarif.NewPhysicalLocation().WithArtifactLocation(artifact)
	if p.line > 0 {
		physical.WithRegion(sarif.NewRegion().WithStartLine(p.line))
	}
	return physical
}
