package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// IncomparableError says why two runs cannot be compared.
type IncomparableError struct{ Reasons []string }

func (e *IncomparableError) Error() string {
	return "not comparable: " + strings.Join(e.Reasons, "\nnot comparable: ")
}

// keyRule is what a difference in a part of the scenario means.
type keyRule int

const (
	warned  keyRule = iota // the default: a reader must know
	refused                // what was asked of the targets is not the same
	free                   // it has no part in what was measured
)

// keyRules are the rules for keys of a scenario and all below them; the default
// holds for the others.
var keyRules = map[string]keyRule{
	"name":             refused,
	"data":             refused,
	"requests":         refused,
	"load.rate":        refused,
	"load.connections": refused,
	"about":            free,
	"suppressions":     free,
	"variants":         free, // they are compared, one with one
}

// differences is why two runs cannot be compared, and what a reader of the
// comparison must know.
func differences(base, head harness.Record, pairs []twin) (refusals []string, warnings []harness.Warning) {
	warn := func(code, format string, args ...any) {
		warnings = append(warnings, harness.Warning{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	refuse := func(format string, args ...any) { refusals = append(refusals, fmt.Sprintf(format, args...)) }
	for _, side := range []struct {
		name string
		run  harness.Record
	}{{"base", base}, {"head", head}} {
		if !side.run.Complete {
			refuse("the %s is incomplete: it was interrupted", side.name)
		}
		if side.run.SelfTest != nil && side.run.SelfTest.Misjudged() {
			refuse("the %s misjudged its self-test: its verdicts are worth nothing", side.name)
		}
	}
	a, b := keys(base.Spec), keys(head.Spec)
	for _, key := range union(a, b) {
		if a[key] == b[key] {
			continue
		}
		text := fmt.Sprintf("%s is %s in the base and %s in the head", key, shown(a[key]), shown(b[key]))
		switch ruleOf(key) {
		case refused:
			refuse("%s", text)
		case warned:
			warn("scenario", "%s", text)
		}
	}
	for _, text := range environments(base.Environment, head.Environment) {
		warn("environment", "%s", text)
	}
	matched := false
	for _, p := range pairs {
		matched = matched || p.base != nil
		for _, text := range p.refusals() {
			refuse("%s", text)
		}
	}
	if !matched {
		refuse("no variant is in both runs: --map HEAD=BASE names the pairs")
	}
	return refusals, warnings
}

// refusals is why the two results cannot be compared.
func (p twin) refusals() (why []string) {
	if p.base != nil && gauge(*p.base) != gauge(p.head) {
		why = append(why, fmt.Sprintf("variant %q was read by %s in the base and by %s in the head: each has noise of its own",
			p.head.Name, gauge(*p.base), gauge(p.head)))
	}
	if p.base != nil && p.base.Axis != p.head.Axis {
		why = append(why, fmt.Sprintf("variant %q is told per %s in the base and per %s in the head",
			p.head.Name, cmp.Or(p.base.Axis, "request"), cmp.Or(p.head.Axis, "request")))
	}
	for _, v := range []*harness.Result{p.base, &p.head} {
		if v != nil && v.Load.FailedMost() {
			why = append(why, fmt.Sprintf("variant %q failed %d of %d requests: its memory is that of the errors", v.Name, v.Load.Errors, v.Load.Requests))
		}
	}
	return why
}

func gauge(v harness.Result) harness.GaugeKind {
	if v.Gauge == "" {
		return harness.GaugeProbe
	}
	return v.Gauge
}

// environments is how the places of two runs differ, as far as figures depend on
// it.
func environments(base, head harness.Environment) (texts []string) {
	for _, f := range []struct{ name, base, head string }{
		{"Go", base.GoVersion, head.GoVersion},
		{"the system", base.OS + "/" + base.Arch, head.OS + "/" + head.Arch},
		{"the number of CPUs", fmt.Sprint(base.CPUs), fmt.Sprint(head.CPUs)},
		{"GOGC", base.GOGC, head.GOGC},
		{"GOMEMLIMIT", base.GOMEMLIMIT, head.GOMEMLIMIT},
	} {
		if f.base != f.head {
			texts = append(texts, fmt.Sprintf("%s is %s in the base and %s in the head", f.name, shown(f.base), shown(f.head)))
		}
	}
	return texts
}

// keys are the values of a scenario in JSON by their dotted keys.
func keys(s harness.Scenario) map[string]string {
	flat := map[string]string{}
	var tree map[string]json.RawMessage
	data, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err != nil { // no scenario that was decoded is one that cannot be encoded
		return map[string]string{"scenario": err.Error()}
	}
	flatten(flat, "", tree)
	return flat
}

func flatten(flat map[string]string, prefix string, tree map[string]json.RawMessage) {
	for key, value := range tree {
		var below map[string]json.RawMessage
		if json.Unmarshal(value, &below) == nil && below != nil {
			flatten(flat, prefix+key+".", below)
			continue
		}
		flat[prefix+key] = string(value)
	}
}

func union(a, b map[string]string) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// ruleOf is the rule of a key or of the nearest one above it.
func ruleOf(key string) keyRule {
	for {
		if rule, ok := keyRules[key]; ok {
			return rule
		}
		cut := strings.LastIndexByte(key, '.')
		if cut < 0 {
			return warned
		}
		key = key[:cut]
	}
}

// maxShown bounds a value in a sentence.
const maxShown = 60

func shown(value string) string {
	switch runes := []rune(value); {
	case len(runes) == 0:
		return "not set"
	case len(runes) > maxShown:
		return string(runes[:maxShown]) + "…"
	}
	return value
}
