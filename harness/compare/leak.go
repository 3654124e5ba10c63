package compare

import (
	"path"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// Leak is a leak of one of the runs or of both, known by a site.
type Leak struct {
	State LeakState `json:"state"`
	// Moved says that the site is in both runs, but not at the same line, or
	// reached by other callers.
	Moved bool `json:"moved"`
	// Excused says that the head's scenario expects the leak or lets it pass: it
	// is never a new one.
	Excused bool `json:"excused"`
	// Base and Head are the site in either; null where it is not in the blame.
	// A leak that no profile shows, such as one outside of Go's heap, has an
	// empty fingerprint.
	Base *harness.Blame `json:"base"`
	Head *harness.Blame `json:"head"`
}

// LeakState is what became of a leak.
type LeakState string

// The states of a leak. It is undecided where one of the verdicts is
// inconclusive.
const (
	New        LeakState = "new"
	Persisting LeakState = "persisting"
	Fixed      LeakState = "fixed"
	Undecided  LeakState = "undecided"
)

// leaking tells whether a variant was found to leak.
func leaking(v harness.Result) bool {
	return v.Verdict.Outcome == harness.Fail && v.Verdict.Class.Leaks()
}

// sites is what a variant's leaks are known by; a leak that no profile shows is
// one without a fingerprint.
func sites(v harness.Result) []harness.Blame {
	if !leaking(v) {
		return nil
	}
	if notable := v.NotableSites(); len(notable) > 0 {
		return notable
	}
	return []harness.Blame{{Stack: []harness.Frame{}}}
}

// leaks matches the leaks of both runs: by fingerprint against all that grew on
// the other side, since a site may be notable in one run and not quite in the
// other; else by the function that allocates, for one whose callers were renamed.
func (p twin) leaks() []Leak {
	var base harness.Result
	if p.base != nil {
		base = *p.base
	}
	gone, before := sites(base), slices.Clone(grown(base))
	all := []Leak{}
	for _, site := range sites(p.head) {
		leak := Leak{State: New, Head: &site, Excused: p.head.AsExpected}
		switch match := find(site, gone, before); {
		case match != nil:
			matched := *match
			leak.State, leak.Base, leak.Moved = Persisting, &matched, moved(matched, site)
			same := func(b harness.Blame) bool { return b.Fingerprint == matched.Fingerprint && !moved(b, matched) }
			gone, before = slices.DeleteFunc(gone, same), slices.DeleteFunc(before, same)
		case p.base != nil && base.Verdict.Outcome == harness.Inconclusive:
			leak.State = Undecided
		}
		all = append(all, leak)
	}
	for _, site := range gone {
		leak := Leak{State: Fixed, Base: &site}
		if match := find(site, nil, grown(p.head)); match != nil {
			leak.State, leak.Head, leak.Moved = Persisting, match, moved(site, *match)
		} else if p.head.Verdict.Outcome == harness.Inconclusive {
			leak.State = Undecided
		}
		all = append(all, leak)
	}
	return all
}

// grown is all that grew in a variant that leaks.
func grown(v harness.Result) []harness.Blame {
	if !leaking(v) {
		return nil
	}
	return v.Blame
}

// find is the site of the other side that is the same leak; nil where none is. All
// lines of a function share a fingerprint: the one that did not move comes first.
func find(site harness.Blame, notable, grown []harness.Blame) *harness.Blame {
	for _, same := range []func(b harness.Blame) bool{
		func(b harness.Blame) bool { return b.Fingerprint == site.Fingerprint && !moved(b, site) },
		func(b harness.Blame) bool { return b.Fingerprint == site.Fingerprint },
	} {
		for _, candidates := range [][]harness.Blame{notable, grown} {
			if i := slices.IndexFunc(candidates, same); i >= 0 {
				return &candidates[i]
			}
		}
	}
	for _, b := range notable {
		// A leak without a site may be any of the other side's.
		if b.Function == site.Function || b.Fingerprint == "" || site.Fingerprint == "" {
			return &b
		}
	}
	return nil
}

// moved tells whether a site stands elsewhere in the head. Directories are left
// out: a base may be built in another one.
func moved(base, head harness.Blame) bool {
	if base.Fingerprint == "" || head.Fingerprint == "" {
		return false
	}
	return base.Line != head.Line || fileName(base.File) != fileName(head.File) || base.Fingerprint != head.Fingerprint
}

func fileName(file string) string { return path.Base(strings.ReplaceAll(file, `\`, "/")) }
