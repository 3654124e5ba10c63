package compare

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// Split takes a run that measured its own base apart into base and head, for
// [Compare] with the options that it returns. names says which variant is the
// base of which, head first; without any, a variant that is built of the sources
// as they are has the one for its base that is built the same way of a git
// revision. What is no base is in the head. It is an error where there are no
// pairs.
func Split(r harness.Record, names map[string]string) (base, head harness.Record, o Options, err error) {
	if len(names) == 0 {
		names = twinsOf(r.Spec.Variants)
	}
	if len(names) == 0 {
		return base, head, o, errors.New("the run has no base in it: no variant is built of a git revision, as leaklab run --base does it")
	}
	base, head = r, r
	base.Variants, head.Variants = nil, nil
	isBase := slices.Collect(maps.Values(names))
	for _, v := range r.Variants {
		if slices.Contains(isBase, v.Name) {
			base.Variants = append(base.Variants, v)
		} else {
			head.Variants = append(head.Variants, v)
		}
	}
	return base, head, Options{Map: names}, nil
}

// twinsOf finds the base of each variant that is built of the sources as they
// are: the next one behind it, as run --base puts it, or else the first.
func twinsOf(variants []harness.Variant) map[string]string {
	names := map[string]string{}
	for i, head := range variants {
		if head.Build.Package == "" || head.Build.Revision != "" {
			continue
		}
		behindFirst := slices.Concat(variants[i+1:], variants[:i])
		base := slices.IndexFunc(behindFirst, func(v harness.Variant) bool { return v.Build.Revision != "" && sameBut(head, v) })
		if base >= 0 {
			names[head.Name] = behindFirst[base].Name
		}
	}
	return names
}

// sameBut tells whether two variants differ in nothing but their name, their
// revision and what is expected of them.
func sameBut(a, b harness.Variant) bool {
	b.Name, b.Expect, b.Control, b.Build.Revision = a.Name, a.Expect, a.Control, a.Build.Revision
	return reflect.DeepEqual(a, b)
}
