package scenarios

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// single is a node's value as a string, int64, float64 or bool, or nil where the
// node is none of these. A number is decimal: 0100 is 100, not the octal 64.
func single(node ast.Node) any {
	text, ok := textOf(node)
	if !ok {
		return nil
	}
	switch node.(type) {
	case *ast.BoolNode:
		return text == "true" || text == "True" || text == "TRUE"
	case *ast.StringNode:
		if node.GetToken().Type != token.StringType || !startsNumber(text) {
			return text
		}
	case *ast.LiteralNode:
		return text
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
		return f
	}
	if _, ok := node.(*ast.StringNode); ok {
		return text // 100/s, 2026-11-24
	}
	return nil
}

// startsNumber tells whether a text may be a number that the YAML library has
// left as text, such as 1e-3.
func startsNumber(text string) bool {
	return text != "" && strings.ContainsRune("+-.0123456789", rune(text[0]))
}

// textOf is a single value as it is written, without its quotes.
func textOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// kindOf names what a node is, for an error.
func kindOf(node ast.Node) string {
	switch n := node.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		text, _ := textOf(n)
		return "the text " + strconv.Quote(clip(text))
	}
	return clip(node.GetToken().Value)
}

// keyText is the key that a walk through a mapping stands at.
func keyText(i *ast.MapNodeIter) string { return i.Key().GetToken().Value }

// fieldByKey is the field of a struct that has a key in YAML, or no value.
func fieldByKey(v reflect.Value, key string) reflect.Value {
	for field, value := range v.Fields() {
		if key != "" && keyOf(field) == key {
			return value
		}
	}
	return reflect.Value{}
}

// join is the path of a key below a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// nameOf names a path, for an error.
func nameOf(path string) string {
	if path == "" {
		return "the scenario"
	}
	return path
}
