// Package scenarios says what to try: the scenario files that leaklab brings,
// the format that they share with users' own files, and the cases, which map
// the name of a built-in handler to its constructor, its data and its stream of
// requests. It is the only package that knows both the harness and the handlers.
// It runs nothing: it stands before the lab in the flow.
//
// A scenario goes through [Load] or [Decode], which judge its form, and through
// [Resolve], which judges its meaning and finds its parts.
package scenarios

import (
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/leaklab/leaklab/harness"
)

// Decode reads a scenario in YAML, or in JSON, and then applies the overrides in
// their order. What the scenario leaves out keeps its default; see
// [harness.DefaultLoad]. file is what errors call the text.
//
// It is strict: an unknown or doubled key or a value of the wrong type is a
// [*SyntaxError] with its position, and up to ten of them are joined. Whether
// the values make sense is for [Resolve] to say.
func Decode(file string, data []byte, sets []Set) (harness.Scenario, error) {
	d := decoder{source: source{name: file}, mistakes: &mistakes{}}
	root, bad := d.parse(data)
	if bad != nil {
		return harness.Scenario{}, bad
	}
	if root == nil {
		return harness.Scenario{}, &SyntaxError{File: file, Msg: "no scenario in it", Hint: "want keys such as name, load and variants"}
	}
	s := harness.Scenario{Load: harness.DefaultLoad()}
	d.value(reflect.ValueOf(&s).Elem(), root, "")
	for _, set := range sets {
		set.apply(d.mistakes, reflect.ValueOf(&s).Elem(), 0)
	}
	d.data(s.Variants, root, sets)
	if err := d.mistakes.err(); err != nil {
		return harness.Scenario{}, err
	}
	return s, nil
}

// data checks the data mapping against the case of the variants, here where
// positions are known. What it decodes is dropped: a scenario keeps its data as
// they are written.
func (d decoder) data(variants []harness.Variant, root ast.Node, sets []Set) {
	c, ok := caseOf(variants)
	if !ok {
		return // an unknown handler: for Resolve to tell
	}
	data := reflect.New(reflect.TypeOf(c.Defaults)).Elem()
	if mapping, ok := root.(ast.MapNode); ok {
		for i := mapping.MapRange(); i.Next(); {
			if keyText(i) == "data" {
				d.value(data, i.Value(), "data")
			}
		}
	}
	for _, set := range sets {
		if set.Key == "data" || strings.HasPrefix(set.Key, "data.") {
			set.apply(d.mistakes, data, 1)
		}
	}
}
