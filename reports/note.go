package reports

import (
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// note is a warning and the variants that it is of; none for the whole run.
type note struct {
	variants []string
	text     string
}

// notes gathers the warnings, equal ones of several variants in one.
func notes(r harness.Record) []note {
	var all []note
	index := map[string]int{}
	add := func(variant string, w harness.Warning) {
		text := safe(w.Text)
		i, known := index[text]
		if !known {
			i = len(all)
			index[text] = i
			all = append(all, note{text: text})
		}
		if variant != "" {
			all[i].variants = append(all[i].variants, variant)
		}
	}
	for _, w := range r.Warnings {
		add("", w)
	}
	if gate := heapGate(r); gate != "" {
		add("", harness.Warning{Text: gate})
	}
	for _, s := range r.Spec.Suppressions {
		for _, v := range r.Variants {
			if v.Suppressed && slices.ContainsFunc(v.Blame, func(b harness.Blame) bool { return b.Fingerprint == string(s.Fingerprint) }) {
				add(safe(v.Name), harness.Warning{Text: suppressed(s)})
			}
		}
	}
	for _, v := range r.Variants {
		for _, w := range v.Verdict.Warnings {
			add(safe(v.Name), w)
		}
	}
	return all
}

func (n note) String() string {
	if len(n.variants) == 0 {
		return n.text
	}
	return strings.Join(n.variants, ", ") + ": " + n.text
}
