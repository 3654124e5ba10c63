package scenarios_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios"
)

const schemaFile = "../docs/scenario.schema.json"

// TestSchemaAcceptsScenarios also has it refuse what Decode or Validate refuse,
// where a schema can.
func TestSchemaAcceptsScenarios(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text []byte) error {
		asJSON, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	files := []string{"testdata/full.yaml", "testdata/commands.yaml"}
	for _, name := range scenarios.List() {
		files = append(files, name+".yaml")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, wrong := range []string{
		"laod: {}", "load: {rate: 0}", "load: {rate: fast}", "load: {segments: {min: 3}}", "budget: {growth: 5MiB}",
		"data: {risky_user: 1}", "load: {timeout: 5}", "backends: {redis: docker}", "memory_ceiling: big", "budget: {slope: 1B}",
		"requests: [{method: GET}]", "requests: [{url: /, path: /}]", "variants: [{name: a}]", "variants: [{name: a, command: []}]",
		"variants: [{name: a, command: [./a], handler: leaky/fraudcheck}]", "variants: [{name: a, build: {revision: main}}]",
		"variants: [{name: a, command: [./a], ready: {http: healthz}}]", "variants: [{name: a, command: [./a], env: {A: [1]}}]",
		"budget: {time_to_oom: 24h}", "budget: {objects: 1}", "warn: {rss: 24h}", "warn: {slop: 1B/request}",
	} {
		text := base + wrong + "\n"
		if strings.HasPrefix(wrong, "variants") {
			text = "name: x\n" + wrong + "\n"
		}
		if validate([]byte(text)) == nil {
			t.Errorf("accepted: %s", wrong)
		}
	}
}

// node is the part of a schema that a Go type mirrors.
type node struct {
	Ref        string `json:"$ref"`
	Properties map[string]*node
	Items      *node
	Enum       []string
	Default    any
	Others     any `json:"additionalProperties"`
}

func readSchema(t *testing.T) (root node, defs map[string]*node) {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		node
		Defs map[string]*node `json:"$defs"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.node, file.Defs
}

// TestSchemaHasTheKeysOfTheTypes keeps the schema from drifting: each struct's
// yaml tags are an object's properties.
func TestSchemaHasTheKeysOfTheTypes(t *testing.T) {
	root, defs := readSchema(t)
	compareKeys(t, "scenario", &root, reflect.TypeFor[harness.Scenario](), defs)
	for _, c := range scenarios.Cases() {
		compareKeys(t, "data", defs[c.Name], reflect.TypeOf(c.Defaults), defs)
	}
	var handlers []string
	for _, c := range scenarios.Cases() {
		for _, h := range c.Handlers {
			handlers = append(handlers, h.Name)
		}
	}
	if diff := cmp.Diff(handlers, root.Properties["variants"].Items.Properties["handler"].Enum); diff != "" {
		t.Errorf("handlers: -want +got:\n%s", diff)
	}
}

func compareKeys(t *testing.T, path string, schema *node, typ reflect.Type, defs map[string]*node) {
	t.Helper()
	if schema != nil && schema.Ref != "" {
		schema = defs[strings.TrimPrefix(schema.Ref, "#/$defs/")]
	}
	if typ.Kind() == reflect.Slice {
		typ, schema = typ.Elem(), schema.Items
	}
	tagged := map[string]reflect.Type{}
	if typ.Kind() == reflect.Struct {
		for field := range typ.Fields() {
			if key := field.Tag.Get("yaml"); key != "" {
				tagged[key] = field.Type
			}
		}
	}
	if schema == nil {
		t.Errorf("%s: not in the schema", path)
		return
	}
	want, got := slices.Sorted(maps.Keys(tagged)), slices.Sorted(maps.Keys(schema.Properties))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -yaml tags +properties:\n%s", path, diff)
	}
	if len(tagged) > 0 && schema.Others != false {
		t.Errorf("%s: want additionalProperties: false", path)
	}
	for key, below := range tagged {
		compareKeys(t, path+"."+key, schema.Properties[key], below, defs)
	}
}

// TestSchemaTellsTheDefaults decodes the schema's defaults and compares them
// with the code's.
func TestSchemaTellsTheDefaults(t *testing.T) {
	root, defs := readSchema(t)
	text := base + "load: " + defaultsOf(t, root.Properties["load"])
	s, err := scenarios.Decode("defaults.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(harness.DefaultLoad(), s.Load, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("load: -code +schema:\n%s", diff)
	}
	for _, c := range scenarios.Cases() {
		var data map[string]any
		if err := json.Unmarshal([]byte(defaultsOf(t, defs[c.Name])), &data); err != nil {
			t.Fatal(err)
		}
		got, err := c.Decode(data)
		if diff := cmp.Diff(c.Defaults, got); diff != "" || err != nil {
			t.Errorf("data of %s: error %v, -code +schema:\n%s", c.Name, err, diff)
		}
	}
}

// defaultsOf is the defaults of an object's properties as JSON; one without a
// default fails the test.
func defaultsOf(t *testing.T, schema *node) string {
	t.Helper()
	var parts []string
	for key, property := range schema.Properties {
		text, err := json.Marshal(property.Default)
		if err != nil {
			t.Fatal(err)
		}
		if property.Properties != nil {
			text = []byte(defaultsOf(t, property))
		} else if property.Default == nil {
			t.Errorf("%s: no default", key)
		}
		parts = append(parts, `"`+key+`": `+string(text))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
