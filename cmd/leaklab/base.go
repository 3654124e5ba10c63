package main

import (
	"fmt"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// withBase adds to a scenario, behind each variant that is built of the sources as
// they are, its twin of another revision: the same in all else, but that the run does not
// fail for it. With one such variant the twin is named base, with several each after
// its own: NAME-base.
func withBase(s harness.Scenario, revision string) (harness.Scenario, error) {
	own := func(v harness.Variant) bool { return v.Build.Package != "" && v.Build.Revision == "" }
	var variants []harness.Variant
	twins := 0
	for _, v := range s.Variants {
		variants = append(variants, v)
		if own(v) {
			twin := v
			twin.Name = v.Name + "-base"
			twin.Build.Revision, twin.Expect = revision, harness.ExpectAny
			variants = append(variants, twin)
			twins++
		}
	}
	if twins == 0 {
		return s, fmt.Errorf("--base %s: scenario %q has no variant that is built of the sources as they are, want one such as {name: branch, build: {package: ./cmd/server}}",
			revision, s.Name)
	}
	if twins == 1 {
		i := slices.IndexFunc(s.Variants, own)
		variants[i+1].Name = "base"
	}
	s.Variants = variants
	return s, nil
}
