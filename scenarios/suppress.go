package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/leaklab/leaklab/harness"
)

// SuppressionsYAML is suppressions as a scenario file has them, key included.
func SuppressionsYAML(list []harness.Suppression) ([]byte, error) {
	entries, err := yaml.MarshalWithOptions(list, yaml.IndentSequence(false))
	if err != nil {
		return nil, err
	}
	return append([]byte("suppressions:\n"), indent(entries, 2)...), nil
}

// AddSuppressions writes suppressions into a scenario file's text and changes
// nothing else in it: comments and layout stay. Those that are there already come
// after the new ones. It is an error where the file says more or less than that
// afterwards, such as one in JSON; then nothing is changed.
func AddSuppressions(file string, data []byte, list []harness.Suppression) ([]byte, error) {
	before, err := Decode(file, data, nil)
	if err != nil {
		return nil, err
	}
	changed, err := insertSuppressions(file, data, list)
	if err != nil {
		return nil, err
	}
	after, err := Decode(file, changed, nil)
	before.Suppressions = append(slices.Clone(list), before.Suppressions...)
	if err != nil || !reflect.DeepEqual(before, after) {
		return nil, fmt.Errorf("%s: its suppressions are in no form that can be added to: want a list with an entry a line", file)
	}
	return changed, nil
}

func insertSuppressions(file string, data []byte, list []harness.Suppression) ([]byte, error) {
	root, bad := source{name: file}.parse(data)
	if bad != nil {
		return nil, bad
	}
	existing := valueOf(root, "suppressions")
	if existing == nil {
		block, err := SuppressionsYAML(list)
		if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
			block = append([]byte("\n"), block...)
		}
		return append(slices.Clone(data), block...), err
	}
	sequence, ok := existing.(*ast.SequenceNode)
	if !ok || sequence.IsFlowStyle {
		return nil, fmt.Errorf("%s: its suppressions are on one line: want a list with an entry a line", file)
	}
	entries, err := yaml.MarshalWithOptions(list, yaml.IndentSequence(false))
	if err != nil {
		return nil, err
	}
	first := sequence.Start.Position
	lines := slices.Collect(bytes.Lines(data))
	if first.Line < 1 || first.Line > len(lines) {
		return nil, errors.New("the place of its suppressions is not known")
	}
	return bytes.Join(slices.Insert(lines, first.Line-1, indent(entries, first.Column-1)), nil), nil
}

// valueOf is the value of a key of a mapping; nil where it has none.
func valueOf(root ast.Node, key string) ast.Node {
	mapping, ok := root.(ast.MapNode)
	if !ok {
		return nil
	}
	for i := mapping.MapRange(); i.Next(); {
		if keyText(i) == key {
			return i.Value()
		}
	}
	return nil
}

// indent moves every line of a text to the right.
func indent(text []byte, spaces int) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		b.WriteString(strings.Repeat(" ", spaces))
		b.Write(line)
	}
	return b.Bytes()
}
