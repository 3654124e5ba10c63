package scenarios

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Set overrides one key of a scenario: --set load.rate=200/s.
type Set struct {
	// Key is a dotted path of keys. A variant goes by its name:
	// variants.leaky.expect.
	Key string
	// Value is text where the key holds text, an amount or a time, and YAML
	// elsewhere.
	Value string
}

// ParseSet reads KEY=VALUE. The key is looked up when a scenario is decoded.
func ParseSet(text string) (Set, error) {
	key, value, ok := strings.Cut(text, "=")
	if key = strings.TrimSpace(key); !ok || key == "" {
		return Set{}, fmt.Errorf("--set %q: want KEY=VALUE, such as load.rate=200/s", clip(text))
	}
	return Set{Key: key, Value: value}, nil
}

func (s Set) String() string { return s.Key + "=" + s.Value }

// apply overrides the key in v. The first skip keys of the path lead to v.
func (s Set) apply(m *mistakes, v reflect.Value, skip int) {
	d := decoder{source: source{name: "--set " + clip(s.String()), flag: true}, mistakes: m}
	path := strings.Split(s.Key, ".")
	d.override(v, strings.Join(path[:skip], "."), path[skip:], s.Value)
}

// override follows the rest of a path down from v, which stands at path, and
// decodes the value there.
func (d decoder) override(v reflect.Value, path string, rest []string, value string) {
	if len(rest) == 0 {
		d.overrideValue(v, path, value)
		return
	}
	key := rest[0]
	var below reflect.Value
	var known []string
	switch v.Kind() {
	case reflect.Struct:
		below, known = fieldByKey(v, key), keys(v.Type())
	case reflect.Slice:
		below, known = itemByName(v, key)
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		if words, ok := v.Interface().(map[string]string); ok {
			words[strings.Join(rest, ".")] = value
		} else {
			d.overrideItem(v.Interface().(map[string]any), path, rest, value)
		}
		return
	}
	if !below.IsValid() {
		d.mistakes.add(d.unknownKey(nil, key, path, known))
		return
	}
	d.override(below, join(path, key), rest[1:], value)
}

// overrideValue decodes a flag's value into v. Text needs no quotes there.
func (d decoder) overrideValue(v reflect.Value, path, value string) {
	if v.Kind() == reflect.String {
		v.SetString(value)
		return
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := text.UnmarshalText([]byte(value)); err != nil {
			d.mistakes.add(d.at(nil, "%s: %v", path, err))
		}
		return
	}
	if node := d.valueNode(path, value); node != nil {
		d.value(v, node, path)
	}
}

// overrideItem follows the rest of a path down a mapping that has no type here,
// such as data, and decodes the value there.
func (d decoder) overrideItem(m map[string]any, path string, rest []string, value string) {
	key := rest[0]
	path = join(path, key)
	if len(rest) > 1 {
		below, ok := m[key].(map[string]any)
		if !ok {
			below = map[string]any{}
			m[key] = below
		}
		d.overrideItem(below, path, rest[1:], value)
		return
	}
	if node := d.valueNode(path, value); node != nil {
		m[key] = d.plain(node, path)
	}
}

// valueNode parses a flag's value as YAML. After a mistake it is nil.
func (d decoder) valueNode(path, value string) ast.Node {
	node, bad := d.parse([]byte(value))
	if bad == nil && node == nil {
		bad = d.at(nil, "%s has no value", path)
	}
	if bad != nil {
		d.mistakes.add(bad)
		return nil
	}
	return node
}

// itemByName is the item of a list of structs that has a name, or no value, and
// all their names.
func itemByName(list reflect.Value, name string) (reflect.Value, []string) {
	var names []string
	for i := range list.Len() {
		if item := fieldByKey(list.Index(i), "name"); item.IsValid() {
			if item.String() == name {
				return list.Index(i), nil
			}
			names = append(names, item.String())
		}
	}
	return reflect.Value{}, names
}
