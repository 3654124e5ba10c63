package reports

import (
	"bytes"
	"encoding"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/leaklab/leaklab/harness"
)

func schemaFile(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", "run.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("run.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("run.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

var nullList = regexp.MustCompile(`"(reasons|warnings|blame|checkpoints)":null`)

func TestRecordsFollowTheSchema(t *testing.T) {
	schema := compiled(t)
	for name := range stories {
		data, err := json.Marshal(story(t, name))
		if err != nil {
			t.Fatal(err)
		}
		// A list that is nil is written by package journal as an empty one.
		data = nullList.ReplaceAll(data, []byte(`"$1":[]`))
		data = bytes.ReplaceAll(data, []byte(`"statuses":null`), []byte(`"statuses":{}`))
		if err := validate(schema, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	golden, err := os.ReadFile(filepath.Join("testdata", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(schema, golden); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another version":  {"leaklab/run/v1", "leaklab/run/v0"},
		"another outcome":  {`"outcome": "pass"`, `"outcome": "ok"`},
		"a text for bytes": {`"live_objects": 26214`, `"live_objects": "26 KiB"`},
		"a missing name":   {`"name": "leaky",`, ``},
		"a null list":      {`"reasons": [`, `"reasons": null, "x": [`},
	} {
		changed := bytes.Replace(golden, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(changed, golden) {
			t.Errorf("%s: the golden record has no %s", name, change[0])
		}
		if validate(schema, changed) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func validate(schema *jsonschema.Schema, data []byte) error {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schema.Validate(instance)
}

// TestSchemaIsTheStructs walks the Go types and the schema side by side: the
// same names, optional where Go leaves them out, null where Go has a pointer.
func TestSchemaIsTheStructs(t *testing.T) {
	var root node
	if err := json.Unmarshal(schemaFile(t), &root); err != nil {
		t.Fatal(err)
	}
	w := walker{t: t, defs: root.Defs, used: map[string]bool{}}
	w.compare("record", reflect.TypeFor[harness.Record](), root)
	for name := range root.Defs {
		if !w.used[name] {
			t.Errorf("$defs/%s is not used", name)
		}
	}
}

// node is what the test reads of a schema.
type node struct {
	Ref        string          `json:"$ref"`
	Type       any             `json:"type"`
	AnyOf      []node          `json:"anyOf"`
	Required   []string        `json:"required"`
	Properties map[string]node `json:"properties"`
	Items      *node           `json:"items"`
	Defs       map[string]node `json:"$defs"`
}

type walker struct {
	t    *testing.T
	defs map[string]node
	used map[string]bool
}

func (w walker) compare(path string, typ reflect.Type, n node) {
	nullable := false
	if len(n.AnyOf) == 2 && n.AnyOf[1].Type == "null" {
		nullable, n = true, n.AnyOf[0]
	}
	if types, ok := n.Type.([]any); ok && len(types) == 2 && types[1] == "null" {
		nullable, n.Type = true, types[0]
	}
	if pointer := typ.Kind() == reflect.Pointer; pointer != nullable {
		w.t.Errorf("%s: null in the schema is %v, a pointer in Go is %v", path, nullable, pointer)
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		w.used[name] = true
		n = w.defs[name]
	}
	if n.Type != nil && n.Type != jsonType(typ) {
		w.t.Errorf("%s: %v in the schema, %s in Go", path, n.Type, jsonType(typ))
	}
	switch jsonType(typ) {
	case "array":
		if n.Items == nil {
			w.t.Errorf("%s: no items in the schema", path)
			return
		}
		w.compare(path+"[]", typ.Elem(), *n.Items)
	case "object":
		if typ.Kind() == reflect.Struct {
			w.fields(path, typ, n)
		}
	}
}

func (w walker) fields(path string, typ reflect.Type, n node) {
	fields := map[string]reflect.Type{}
	var required []string
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
		if options != "omitzero" {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(n.Properties))); diff != "" {
		w.t.Errorf("%s: names (-Go +schema):\n%s", path, diff)
	}
	if diff := cmp.Diff(required, slices.Sorted(slices.Values(n.Required))); diff != "" {
		w.t.Errorf("%s: required (-Go +schema):\n%s", path, diff)
	}
	for name, field := range fields {
		if property, ok := n.Properties[name]; ok {
			w.compare(path+"."+name, field, property)
		}
	}
}

// jsonType is the type that a Go value has in JSON.
func jsonType(typ reflect.Type) string {
	if typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || typ == reflect.TypeFor[time.Time]() {
		return "string"
	}
	switch typ.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "array"
	}
	return "object"
}
