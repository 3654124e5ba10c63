package harness

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Validate checks the invariants of a record, numbered in the package's
// documentation, and reports all that do not hold. It is called when a record is
// written and when it is read.
func (r Record) Validate() error {
	c := checker{subject: fmt.Sprintf("record %q", r.ID)}
	c.want(r.Schema == RecordSchema, "schema", r.Schema, "%q (invariant 1)", RecordSchema)
	seen := map[string]bool{}
	for i, v := range r.Variants {
		path := fmt.Sprintf("variants[%d]", i)
		c.want(v.Name != "" && !seen[v.Name], path+".name", v.Name, "a name that no other variant has (invariant 1)")
		seen[v.Name] = true
		c.monotone(path, v.Checkpoints)
		c.want(v.AsExpected == v.asExpected(), path+".as_expected", v.AsExpected,
			"what follows from expect %s and verdict %s (invariant 4)", v.Expect.OrDefault(), v.Verdict.Outcome)
		c.want(v.Suppressed == r.suppressed(v), path+".suppressed", v.Suppressed,
			"what follows from the scenario's suppressions and the blame (invariant 6)")
	}
	c.finite("", reflect.ValueOf(r))
	c.want(slices.Equal(r.Suppressions, r.suppressionResults()), "suppressions", r.Suppressions,
		"%v, which follows from the scenario's, the blame and started_at (invariant 6)", r.suppressionResults())
	outcome := r.outcome()
	c.want(r.Outcome == outcome, "outcome", string(r.Outcome), "%q, which follows from the variants and complete = %t (invariant 5)",
		outcome, r.Complete)
	return errors.Join(c.errs...)
}

// monotone checks invariant 2.
func (c *checker) monotone(variant string, checkpoints []Checkpoint) {
	for i := 1; i < len(checkpoints); i++ {
		last, now := checkpoints[i-1], checkpoints[i]
		path := fmt.Sprintf("%s.checkpoints[%d]", variant, i)
		c.want(now.Requests >= last.Requests, path+".requests", now.Requests, "at least the %d before (invariant 2)", last.Requests)
		c.want(!(now.AtSeconds < last.AtSeconds), path+".at_seconds", now.AtSeconds,
			"at least the %v before (invariant 2)", last.AtSeconds)
	}
}

// finite checks invariant 3 for every number below v. The rate of a closed loop
// is no number in JSON: it is the text "max".
func (c *checker) finite(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		_, isRate := v.Interface().(Rate)
		c.want(finite(v.Float()) || isRate && Rate(v.Float()).IsMax(), path, v.Float(), "a finite number, or null (invariant 3)")
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			c.finite(path, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			c.finite(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			c.finite(fmt.Sprintf("%s.%v", path, key), value)
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); field.IsExported() {
				c.finite(strings.TrimPrefix(path+"."+name, "."), value)
			}
		}
	}
}
