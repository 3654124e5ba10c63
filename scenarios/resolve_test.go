package scenarios_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

func TestEveryBuiltInScenarioResolves(t *testing.T) {
	want := map[string]int{"ci-gate": 6, "fraud-check": 6, "fraud-check-misses": 3, "fraud-check-sizes": 7, "incident": 6}
	got := map[string]int{}
	for _, name := range scenarios.List() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s.Name != name {
			t.Errorf("%s.yaml holds scenario %q", name, s.Name)
		}
		r, err := scenarios.Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = len(r.Handlers)
		for i, h := range r.Handlers {
			if h.Name != s.Variants[i].Handler {
				t.Errorf("%s: handler %d is %s, want %s", name, i, h.Name, s.Variants[i].Handler)
			}
		}
		if r.Case.Needs != (backend.Needs{Redis: true, SQL: true}) {
			t.Errorf("%s needs %+v, want Redis and SQL", name, r.Case.Needs)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestMissesNeverCache is what the scenario is for: no cache, and every payment
// by a risky user, whose row the leak keeps.
func TestMissesNeverCache(t *testing.T) {
	s, err := scenarios.Load("fraud-check-misses", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	want := fraudcheck.DefaultData()
	want.CacheTTL, want.RiskyShare = 0, 1
	if diff := cmp.Diff(scenarios.Data(want), r.Data); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestResolveTakesWhatARecordHolds has the data go through the record's JSON,
// where every number is a float64.
func TestResolveTakesWhatARecordHolds(t *testing.T) {
	s, err := scenarios.Load("testdata/full.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var stored harness.Scenario
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Resolve(stored)
	if err != nil {
		t.Fatal(err)
	}
	want := fraudcheck.Data{
		RiskyUsers: 10, InactiveUsers: 3, RowBytes: 2 * harness.KiB,
		CacheTTL: harness.Duration(90 * time.Second), Seed: -1, RiskyShare: 0.5,
	}
	if diff := cmp.Diff(scenarios.Data(want), r.Data); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestResolveTellsAllMistakes(t *testing.T) {
	s, err := scenarios.Decode("x.yaml", []byte(`
name: x
data: {risky_users: -1, risky_share: 2}
load: {segments: {min: 3}}
variants:
- {name: a, handler: leaky/fraudchek}
- {name: b, handler: fixed/fraudcheck/set}
- {name: c}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scenarios.Resolve(s)
	want := `scenario "x": load.segments.min = 3, want at least 4: fewer give no interval
scenario "x": variants.c.handler = "", want the name of a built-in handler, such as leaky/NAME; or else a command or a build
scenario "x": variants.a.handler = "leaky/fraudchek", want a built-in handler: did you mean leaky/fraudcheck?
scenario "x": data.risky_users = -1, want 0 to 2000000
scenario "x": data.risky_share = 2, want 0 to 1`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("error\n got %s\nwant %s", got, want)
	}
}

// TestMisspelledHandlerKeepsItsData has no handler that is known: the data are
// right all the same, and to leave them out would be bad advice.
func TestMisspelledHandlerKeepsItsData(t *testing.T) {
	s, err := scenarios.Decode("x.yaml", []byte("name: x\ndata: {seed: 1}\nvariants: [{name: a, handler: leaky/fraudchek}]\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scenarios.Resolve(s)
	want := `scenario "x": variants.a.handler = "leaky/fraudchek", want a built-in handler: did you mean leaky/fraudcheck?`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("error\n got %s\nwant %s", got, want)
	}
}

// TestResolveNamesDataKeys is for data that no file gave a position.
func TestResolveNamesDataKeys(t *testing.T) {
	s, err := scenarios.Load("fraud-check", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Data["sede"] = 1
	_, err = scenarios.Resolve(s)
	want := `scenario "fraud-check": data of case fraudcheck: unknown key "sede" in data: did you mean seed?`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("error\n got %s\nwant %s", got, want)
	}
}

func TestLoadNamesTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"fraud-chek":      `scenario "fraud-chek": neither a built-in scenario nor a file: did you mean fraud-check?`,
		"nothing-like-it": `scenario "nothing-like-it": neither a built-in scenario nor a file: want one of ci-gate, fraud-check, fraud-check-misses, fraud-check-sizes, incident`,
	} {
		_, err := scenarios.Load(name, nil)
		if got := fmt.Sprint(err); got != want {
			t.Errorf("error\n got %s\nwant %s", got, want)
		}
	}
	if _, err := scenarios.Load("testdata/no.yaml", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v, want one that is fs.ErrNotExist", err)
	}
}

func TestLookup(t *testing.T) {
	c, h, ok := scenarios.Lookup("fixed/fraudcheck/bloom")
	if !ok || c.Name != "fraudcheck" || !h.FalsePositives {
		t.Errorf("bloom: case %q, false positives %t, found %t", c.Name, h.FalsePositives, ok)
	}
	if _, _, ok := scenarios.Lookup("bloom"); ok {
		t.Error("bloom alone was found")
	}
}

// TestHandlersStart makes each handler with backends that are down: it must be
// made, and stop.
func TestHandlersStart(t *testing.T) {
	for _, c := range scenarios.Cases() {
		for _, h := range c.Handlers {
			t.Run(h.Name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				env := scenarios.Env{
					Endpoints: backend.Endpoints{RedisURL: "redis://127.0.0.1:1", DatabaseURL: t.TempDir() + "/db"},
					Data:      c.Defaults,
				}
				handler, stop, err := h.New(ctx, env)
				if err != nil || handler == nil {
					t.Fatalf("handler %v, error %v", handler, err)
				}
				cancel()
				if err := stop(); err != nil {
					t.Error(err)
				}
				if _, _, err := h.New(ctx, scenarios.Env{Endpoints: env.Endpoints}); err == nil {
					t.Error("no error without data")
				}
			})
		}
	}
}
