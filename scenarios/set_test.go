package scenarios_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios"
)

func decodeWith(t *testing.T, flags ...string) (harness.Scenario, error) {
	t.Helper()
	var sets []scenarios.Set
	for _, flag := range flags {
		set, err := scenarios.ParseSet(flag)
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, set)
	}
	return scenarios.Decode("x.yaml", []byte(base+"data: {seed: 1}\n"), sets)
}

func TestSetOverridesAnyKey(t *testing.T) {
	got, err := decodeWith(t,
		"load.rate=200/s", "load.segments.max=20", "load.timeout=1s", "budget.slope=32B/request", "budget.growth=1MiB/1s",
		"data.risky_users=10000", "data.cache_ttl=0s", "variants.leaky.expect=leak", "about=one: two", "load.rate=300",
		"load.segments={min: 5}", "memory_ceiling=1GiB", "backends.sql=external")
	if err != nil {
		t.Fatal(err)
	}
	want := harness.Scenario{
		Name:          "x",
		About:         "one: two",
		Backends:      harness.Backends{SQL: harness.External},
		Data:          map[string]any{"seed": int64(1), "risky_users": int64(10000), "cache_ttl": "0s"},
		Load:          harness.DefaultLoad(),
		Budget:        harness.Budget{Slope: 32, Growth: harness.Growth{Bytes: harness.MiB, Over: harness.Duration(time.Second)}},
		MemoryCeiling: harness.GiB,
		Variants:      []harness.Variant{{Name: "leaky", Handler: "leaky/fraudcheck", Expect: harness.ExpectLeak}},
	}
	want.Load.Rate, want.Load.Timeout, want.Load.Segments = 300, harness.Duration(time.Second), harness.Segments{Min: 5, Max: 20}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSetFillsDataWhereThereAreNone(t *testing.T) {
	s, err := scenarios.Decode("x.yaml", []byte(base), []scenarios.Set{{Key: "data.seed", Value: "9"}})
	if diff := cmp.Diff(map[string]any{"seed": int64(9)}, s.Data); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}

func TestSetMistakes(t *testing.T) {
	for _, test := range []struct{ flag, want string }{
		{"load.rat=1", `--set load.rat=1: unknown key "rat" in load: did you mean rate?`},
		{"lod.rate=1", `--set lod.rate=1: unknown key "lod" in the scenario: did you mean load?`},
		{"load.rate.x=1", `--set load.rate.x=1: unknown key "x" in load.rate`},
		{"load.rate=fast", `--set load.rate=fast: load.rate: "fast" is not a rate: want requests per time, such as 100/s, 6000/m or max`},
		{"load.connections=some", `--set load.connections=some: load.connections is the text "some", want a whole number`},
		{"load.connections=", `--set load.connections=: load.connections has no value`},
		{"load.connections=[", `--set load.connections=[: sequence end token ']' not found`},
		{"load.segments={mni: 4}", `--set load.segments={mni: 4}: unknown key "mni" in load.segments: did you mean min?`},
		{"variants.laeky.expect=leak", `--set variants.laeky.expect=leak: unknown key "laeky" in variants: did you mean leaky?`},
		{"variants.leaky.expct=leak", `--set variants.leaky.expct=leak: unknown key "expct" in variants.leaky: did you mean expect?`},
		{"data.risky_user=3", `--set data.risky_user=3: unknown key "risky_user" in data: did you mean risky_users?`},
		{"data.risky_users=some", `--set data.risky_users=some: data.risky_users is the text "some", want a whole number`},
		{"data.seed=[", `--set data.seed=[: sequence end token ']' not found`},
	} {
		t.Run(test.flag, func(t *testing.T) {
			_, err := decodeWith(t, test.flag)
			if got := fmt.Sprint(err); got != test.want {
				t.Errorf("error\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestParseSetWantsAKey(t *testing.T) {
	for _, flag := range []string{"", "load.rate", "=3", " =3"} {
		if _, err := scenarios.ParseSet(flag); err == nil {
			t.Errorf("ParseSet(%q): no error", flag)
		}
	}
}
