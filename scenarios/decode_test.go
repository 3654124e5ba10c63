package scenarios_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios"
)

// base is the smallest scenario; tests add lines to it.
const base = "name: x\nvariants:\n- {name: leaky, handler: leaky/fraudcheck}\n"

func TestDecodeEveryKey(t *testing.T) {
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := scenarios.Decode("full.yaml", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := harness.Scenario{
		Name:  "full",
		About: "Every key.",
		Backends: harness.Backends{
			Redis: harness.External, SQL: harness.Containers, RedisImage: "redis:7.2", SQLImage: "postgres:17",
		},
		Data: map[string]any{
			"risky_users": int64(10), "inactive_users": int64(3), "row_bytes": "2KiB", "cache_ttl": "1m30s",
			"seed": int64(-1), "risky_share": 0.5,
		},
		Load: harness.Load{
			Rate: 50, Connections: 4, WarmUp: 8, Segment: 6, FirstSegment: 3, Segments: harness.Segments{Min: 4, Max: 5},
			MaxTime: harness.Duration(20 * time.Second), Timeout: harness.Duration(500 * time.Millisecond),
			Patience: harness.Duration(5 * time.Second),
			Accept:   []int{404, 503},
		},
		Budget: harness.Budget{
			Growth: harness.Growth{Bytes: harness.GiB, Over: harness.Duration(2 * time.Minute)},
			Slope:  1536, Objects: 0.5, Goroutines: 0.01, OffHeap: 1024, Peak: 64 * harness.MiB, RSS: 512 * harness.MiB, Keys: 20000, Churn: 96 * 1024, GCCPU: 0.25,
			TimeToOOM: harness.TimeToOOM{AtLeast: harness.Duration(24 * time.Hour), Limit: harness.GiB},
		},
		Warn: harness.Budget{
			Growth: harness.Growth{Bytes: 512 * harness.MiB, Over: harness.Duration(2 * time.Minute)},
			Slope:  8, Objects: 0.25, Goroutines: 0.005, OffHeap: 512, Peak: 32 * harness.MiB, RSS: 256 * harness.MiB, Churn: 64 * 1024, GCCPU: 0.125,
			TimeToOOM: harness.TimeToOOM{AtLeast: harness.Duration(72 * time.Hour), Limit: harness.GiB},
		},
		Replay:        harness.ReplayNever,
		MemoryCeiling: harness.GiB,
		MemoryLimit:   512 * harness.MiB,
		Suppressions: []harness.Suppression{
			{Fingerprint: "0123456789ab", Reason: "known, ticket 7", Until: "2026-12-31"},
			{Fingerprint: "123456789012", Reason: "all decimal, no quotes", Until: "2027-01-31"},
		},
		Variants: []harness.Variant{
			{Name: "first", Handler: "leaky/fraudcheck", Expect: harness.ExpectLeak},
			{Name: "second", Handler: "fixed/fraudcheck/set", Expect: harness.ExpectClean, Control: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := scenarios.Resolve(got); err != nil {
		t.Errorf("resolve: %v", err)
	}
}

func TestDecodeKeepsDefaults(t *testing.T) {
	got, err := scenarios.Decode("x.yaml", []byte(base+"load: {rate: 200/s}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := harness.DefaultLoad()
	want.Rate = 200
	if diff := cmp.Diff(want, got.Load); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestDecodeReadsDecimalNumbers has the forms in which YAML libraries differ.
func TestDecodeReadsDecimalNumbers(t *testing.T) {
	got, err := scenarios.Decode("x.yaml", []byte(base+"data: {seed: 0100, risky_share: 1e-3, row_bytes: 2048, cache_ttl: 0}"), nil)
	want := map[string]any{"seed": int64(100), "risky_share": 0.001, "row_bytes": int64(2048), "cache_ttl": int64(0)}
	if diff := cmp.Diff(want, got.Data); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}

// TestDecodeMistakes has the whole text of each error: it is what users see.
func TestDecodeMistakes(t *testing.T) {
	for _, test := range []struct{ name, yaml, want string }{
		{"unknown key", base + "laod: {}", `x.yaml:4:1: unknown key "laod" in the scenario: did you mean load?`},
		{"unknown inner key", base + "load:\n  conections: 3", `x.yaml:5:3: unknown key "conections" in load: did you mean connections?`},
		{"key of another level", base + "rate: 100/s", `x.yaml:4:1: unknown key "rate" in the scenario: want one of ` +
			`about, backends, budget, data, load, memory_ceiling, memory_limit, name, replay, requests, requests_file, suppressions, variants, warn`},
		{"key like no other", base + "load: {segments: {speed: 3}}", `x.yaml:4:19: unknown key "speed" in load.segments: want one of max, min`},
		{"key of a variant", "variants:\n- {name: a, expcet: leak}", `x.yaml:2:13: unknown key "expcet" in variants[0]: did you mean expect?`},
		{"key of the data", base + "data: {risky_user: 3}", `x.yaml:4:8: unknown key "risky_user" in data: did you mean risky_users?`},
		{"type of the data", base + "data: {risky_users: many}", `x.yaml:4:21: data.risky_users is the text "many", want a whole number`},
		{"null in the data", base + "data: {seed: }", `x.yaml:4:13: data.seed has no value: give it one, or remove the key`},
		{"text for a number", base + "load: {connections: '3'}", `x.yaml:4:21: load.connections is the text "3", want a whole number`},
		{"fraction", base + "load: {connections: 1.5}", `x.yaml:4:21: load.connections is 1.5, want a whole number`},
		{"too big", base + "load: {connections: 99999999999999999999}", `x.yaml:4:21: load.connections is the text "99999999999999999999", want a whole number`},
		{"text for true or false", "variants:\n- {name: a, control: maybe}", `x.yaml:2:22: variants[0].control is the text "maybe", want true or false`},
		{"number for text", "name: 12", `x.yaml:1:7: name is 12, want text, in quotes`},
		{"list for a mapping", base + "load: [1]", `x.yaml:4:7: load is a list, want a mapping`},
		{"mapping for a list", "variants: {a: b}", `x.yaml:1:11: variants is a mapping, want a list`},
		{"mapping for a rate", base + "load: {rate: {a: 1}}", `x.yaml:4:14: load.rate is a mapping, want a single value`},
		{"no rate", base + "load:\n  rate: fast", `x.yaml:5:9: load.rate: "fast" is not a rate: want requests per time, such as 100/s, 6000/m or max`},
		{"no value", base + "load:", `x.yaml:4:7: load has no value: give it one, or remove the key`},
		{"doubled key", "name: a\nname: b", `x.yaml:2:1: mapping key "name" already defined at [1:1]`},
		{"two documents", "name: a\n---\nname: b", `x.yaml:3:5: a second document, want one scenario in a file`},
		{"several mistakes", "nmae: a\nload: {rate: fast}", `x.yaml:1:1: unknown key "nmae" in the scenario: did you mean name?` + "\n" +
			`x.yaml:2:14: load.rate: "fast" is not a rate: want requests per time, such as 100/s, 6000/m or max`},
		{"anchor", "name: &a x", `x.yaml:1:7: an anchor (&): scenarios do without; quote it if it is text`},
		{"alias", "name: *a", `x.yaml:1:7: an alias (*): scenarios do without; quote it if it is text`},
		{"tag", "name: !!binary eA==", `x.yaml:1:7: a tag (!!binary): scenarios do without; quote it if it is text`},
		{"merge key", "<<: {name: a}", `x.yaml:1:1: a merge key (<<): scenarios do without; quote it if it is text`},
		{"placeholder without quotes", "variants:\n- {name: a, command: [./a, --port, {{app_port}}]}", `x.yaml:2:36: a placeholder without quotes: write "{{NAME}}"`},
		{"mapping for a word", "variants:\n- {name: a, command: [./a, {b: c}]}", `x.yaml:2:28: variants[0].command[1] is a mapping, want a single value`},
		{"null for a word", "variants:\n- {name: a, env: {A: }}", `x.yaml:2:21: variants[0].env.A has no value: give it one, or remove the key`},
		{"text for a command", "variants:\n- {name: a, command: ./a --port 3}", `x.yaml:2:22: variants[0].command is the text "./a --port 3", want a list`},
		{"key of ready", "variants:\n- {name: a, ready: {htpt: /}}", `x.yaml:2:21: unknown key "htpt" in variants[0].ready: did you mean http?`},
		{"empty", "", `x.yaml: no scenario in it: want keys such as name, load and variants`},
		{"comments only", "# nothing\n", `x.yaml: no scenario in it: want keys such as name, load and variants`},
		{"a word", "word", `x.yaml:1:1: the scenario is the text "word", want a mapping`},
		{"no YAML", "name: [", `x.yaml:1:7: sequence end token ']' not found`},
		{"not text", "name: \xff", `x.yaml: not UTF-8 text: this is not a scenario`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := scenarios.Decode("x.yaml", []byte(test.yaml), nil)
			if got := fmt.Sprint(err); got != test.want {
				t.Errorf("error\n got %s\nwant %s", got, test.want)
			}
			if _, ok := errors.AsType[*scenarios.SyntaxError](err); !ok {
				t.Errorf("error of type %T, want a *SyntaxError in it", err)
			}
		})
	}
}

// TestDecodeRefusesJunk bounds what a file may cost: by size, depth and number
// of words, before it is parsed.
func TestDecodeRefusesJunk(t *testing.T) {
	var manyKeys strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&manyKeys, "k%d: 1\n", i)
	}
	deep := ""
	for i := range 40 {
		deep += strings.Repeat(" ", i) + "a:\n"
	}
	for name, test := range map[string]struct{ yaml, want string }{
		"10 MB":        {strings.Repeat("junk ", 2<<20), "10485760 bytes, want at most 1048576"},
		"many keys":    {manyKeys.String(), "words and signs, want at most 20000"},
		"deep flow":    {"a: " + strings.Repeat("[", 1<<14), "nested more than 32 levels deep"},
		"deep list":    {strings.Repeat("- ", 1<<13), "nested more than 32 levels deep"},
		"deep mapping": {deep, "nested more than 32 levels deep"},
		"zeroes":       {strings.Repeat("\x00", 1<<16), "x.yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scenarios.Decode("x.yaml", []byte(test.yaml), nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 1000 {
				t.Errorf("error %.1000v, want a short one with %q in it", err, test.want)
			}
		})
	}
}

func TestDecodeBoundsTheNumberOfMistakes(t *testing.T) {
	var yaml bytes.Buffer
	for i := range 50 {
		fmt.Fprintf(&yaml, "unknown%d: 1\n", i)
	}
	_, err := scenarios.Decode("x.yaml", yaml.Bytes(), nil)
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != 11 || lines[10] != "and 40 more" {
		t.Errorf("%d lines, the last %q; want 10 and %q", len(lines), lines[len(lines)-1], "and 40 more")
	}
}

// FuzzDecode looks for panics, endless loops, and scenarios that do not resolve
// the same way from what the record stores of them.
func FuzzDecode(f *testing.F) {
	for _, name := range scenarios.List() {
		data, err := os.ReadFile(name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "load.rate=200/s")
	}
	f.Add([]byte(base+"load: {rate: [}"), "data.x=[1,")
	f.Add([]byte("a: &a [*a, *a]\n- ? !!x"), "variants.leaky.expect=leak")
	f.Add([]byte("{\"name\": \"x\", \"data\": {\"seed\": 1e400}}"), "data={}")
	f.Add([]byte("a: |\n  x\n b: >-\n---\n...\n%YAML 1.2"), "=")
	f.Fuzz(func(t *testing.T, data []byte, flag string) {
		var sets []scenarios.Set
		if set, err := scenarios.ParseSet(flag); err == nil {
			sets = append(sets, set)
		}
		s, err := scenarios.Decode("fuzz.yaml", data, sets)
		if err == nil {
			_, _ = scenarios.Resolve(s)
		}
	})
}
