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
	"github.com/leaklab/leaklab/harness/sweep"
)

// The schemas of docs. That of a sweep refers to that of a run.
const (
	runSchema   = "run.schema.json"
	sweepSchema = "sweep.schema.json"
	// schemaPlace is where their ids have them.
	schemaPlace = "https://github.com/leaklab/leaklab/docs/"
)

func schemaFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, file := range []string{runSchema, sweepSchema} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaFile(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(schemaPlace+file, doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile(schemaPlace + name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

var nullList = regexp.MustCompile(`"(reasons|warnings|blame|checkpoints)":null`)

func TestRecordsFollowTheSchema(t *testing.T) {
	schema := compiled(t, runSchema)
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
	schema := compiled(t, runSchema)
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
	t.Run("run", func(t *testing.T) { mirrors(t, runSchema, reflect.TypeFor[harness.Record]()) })
	t.Run("sweep", func(t *testing.T) { mirrors(t, sweepSchema, reflect.TypeFor[sweep.Sweep](), ".points[].steps") })
}

// mirrors compares a schema with a type. nullLists are the lists that may be null.
func mirrors(t *testing.T, name string, typ reflect.Type, nullLists ...string) {
	root, run := readNode(t, name), readNode(t, runSchema)
	w := walker{t: t, defs: root.Defs, run: run.Defs, used: map[string]bool{}, nullLists: nullLists}
	w.compare("", typ, root)
	for name := range root.Defs {
		if !w.used[name] {
			t.Errorf("$defs/%s is not used", name)
		}
	}
}

func readNode(t *testing.T, name string) (root node) {
	t.Helper()
	if err := json.Unmarshal(schemaFile(t, name), &root); err != nil {
		t.Fatal(err)
	}
	return root
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
	t *testing.T
	// defs are those of the file, of which the used ones are marked, run those of a
	// run's.
	defs, run map[string]node
	used      map[string]bool
	nullLists []string
}

func (w walker) compare(path string, typ reflect.Type, n node) {
	nullable := false
	if len(n.AnyOf) == 2 && n.AnyOf[1].Type == "null" {
		nullable, n = true, n.AnyOf[0]
	}
	if types, ok := n.Type.([]any); ok && len(types) == 2 && types[1] == "null" {
		nullable, n.Type = true, types[0]
	}
	if unknown := typ.Kind() == reflect.Pointer || slices.Contains(w.nullLists, path); unknown != nullable {
		w.t.Errorf("%s: null in the schema is %v, in Go %v", path, nullable, unknown)
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if ref, ok := strings.CutPrefix(n.Ref, runSchema); ok {
		n.Ref, w.defs, w.used = ref, w.run, map[string]bool{}
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
