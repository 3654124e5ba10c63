package scenarios

import (
	"encoding"
	"reflect"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder fills Go values from a YAML tree.
//
// Note: the YAML library's own decoder turns text into numbers and numbers into
// text, reads what is no number as 0, and stops at the first mistake.
type decoder struct {
	source
	mistakes *mistakes
}

// value decodes a node into v, which stands at path in the scenario. After a
// mistake v may be filled in part.
func (d decoder) value(v reflect.Value, node ast.Node, path string) {
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(text, node, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.fields(v, node, path)
	case reflect.Slice:
		d.list(v, node, path)
	case reflect.Map:
		mapping, ok := node.(ast.MapNode)
		switch {
		case !ok:
			d.mismatch(node, path, "a mapping")
		case v.Type().Elem().Kind() == reflect.String:
			v.Set(reflect.ValueOf(d.words(mapping, path)))
		default:
			v.Set(reflect.ValueOf(d.mapping(mapping, path)))
		}
	default:
		d.scalar(v, node, path)
	}
}

// fields decodes a mapping into a struct; keys that are not there keep the value
// that v has.
func (d decoder) fields(v reflect.Value, node ast.Node, path string) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		d.mismatch(node, path, "a mapping")
		return
	}
	for i := mapping.MapRange(); i.Next(); {
		key := keyText(i)
		if field := fieldByKey(v, key); field.IsValid() {
			d.value(field, i.Value(), join(path, key))
		} else {
			d.mistakes.add(d.unknownKey(i.Key().GetToken(), key, path, keys(v.Type())))
		}
	}
}

// unknownKey is the mistake of a key that is not known at path.
func (d decoder) unknownKey(t *token.Token, key, path string, known []string) *SyntaxError {
	e := d.at(t, "unknown key %q in %s", clip(key), nameOf(path))
	e.Hint = didYouMean(key, known)
	return e
}

// mismatch notes a value of the wrong type.
func (d decoder) mismatch(node ast.Node, path, want string) {
	e := d.at(node.GetToken(), "%s is %s, want %s", nameOf(path), kindOf(node), want)
	if _, empty := node.(*ast.NullNode); empty {
		e.Msg, e.Hint = nameOf(path)+" has no value", "give it one, or remove the key"
	}
	d.mistakes.add(e)
}

// list decodes a list, whose items are called by number in errors.
func (d decoder) list(v reflect.Value, node ast.Node, path string) {
	items, ok := node.(*ast.SequenceNode)
	if !ok {
		d.mismatch(node, path, "a list")
		return
	}
	list := reflect.MakeSlice(v.Type(), len(items.Values), len(items.Values))
	for i, item := range items.Values {
		at := path + "[" + strconv.Itoa(i) + "]"
		if v.Type().Elem().Kind() == reflect.String {
			list.Index(i).SetString(d.word(item, at))
		} else {
			d.value(list.Index(i), item, at)
		}
	}
	v.Set(list)
}

// words decodes a mapping of names to words: an environment, a header.
func (d decoder) words(node ast.MapNode, path string) map[string]string {
	words := map[string]string{}
	for i := node.MapRange(); i.Next(); {
		key := keyText(i)
		words[key] = d.word(i.Value(), join(path, key))
	}
	return words
}

// word decodes one of several words, where nothing but text can be meant: 8080
// is the text "8080". After a mistake it is empty.
func (d decoder) word(node ast.Node, path string) string {
	word, ok := textOf(node)
	if !ok {
		d.mismatch(node, path, "a single value")
	}
	return word
}

// text decodes a single value, quoted or not, into a type that reads text: a
// bare 100 is the text "100".
func (d decoder) text(v encoding.TextUnmarshaler, node ast.Node, path string) {
	text, ok := textOf(node)
	if !ok {
		d.mismatch(node, path, "a single value")
		return
	}
	if err := v.UnmarshalText([]byte(text)); err != nil {
		d.mistakes.add(d.at(node.GetToken(), "%s: %v", path, err))
	}
}

// scalar decodes a whole number, a number, yes or no, or text.
func (d decoder) scalar(v reflect.Value, node ast.Node, path string) {
	plain, want, fits := single(node), "text, in quotes", false
	switch {
	case v.CanInt():
		var n int64
		if n, fits = plain.(int64); fits {
			v.SetInt(n)
		}
		want = "a whole number"
	case v.CanFloat():
		var f float64
		if n, whole := plain.(int64); whole {
			plain = float64(n)
		}
		if f, fits = plain.(float64); fits {
			v.SetFloat(f)
		}
		want = "a number"
	case v.Kind() == reflect.Bool:
		var b bool
		if b, fits = plain.(bool); fits {
			v.SetBool(b)
		}
		want = "true or false"
	default:
		var text string
		if text, fits = plain.(string); fits {
			v.SetString(text)
		}
	}
	if !fits {
		d.mismatch(node, path, want)
	}
}

// mapping decodes a mapping whose keys are nobody's business here.
func (d decoder) mapping(node ast.MapNode, path string) map[string]any {
	plain := map[string]any{}
	for i := node.MapRange(); i.Next(); {
		key := keyText(i)
		plain[key] = d.plain(i.Value(), join(path, key))
	}
	return plain
}

// plain decodes a node into the Go value that JSON would have for it, but whole
// numbers into int64. After a mistake it is nil.
func (d decoder) plain(node ast.Node, path string) any {
	switch n := node.(type) {
	case ast.MapNode:
		return d.mapping(n, path)
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, item := range n.Values {
			list[i] = d.plain(item, path+"["+strconv.Itoa(i)+"]")
		}
		return list
	}
	value := single(node)
	if value == nil {
		d.mismatch(node, path, "text, a number, or true or false")
	}
	return value
}
