package compare

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// runOf20 is a run of twenty rounds of 100 requests with the variants given.
func runOf20(variants ...harness.Result) harness.Record {
	r := harness.Record{
		Schema: harness.RecordSchema, ID: "run", Scenario: "checkout", Complete: true,
		StartedAt:   time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC),
		Environment: harness.Environment{GoVersion: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, GOGC: "100", GOMEMLIMIT: "off"},
		Spec: harness.Scenario{Name: "checkout", Load: harness.DefaultLoad(), Data: map[string]any{"risky_users": 200.0},
			Budget: harness.Budget{Growth: harness.Growth{Bytes: harness.MiB, Over: harness.Duration(30 * time.Second)}}},
		Variants: variants,
	}
	r.Conclude()
	return r
}

// result is a variant that keeps bytes, objects and goroutines of each request,
// and allocates churn bytes in it, with a little noise.
func result(name string, keeps, objects, goroutines, churn int64) harness.Result {
	const rounds, requests = 20, 100
	v := harness.Result{Name: name, Load: harness.LoadResult{Requests: rounds * requests, LatencyP99Seconds: new(0.003)}}
	c := harness.Checkpoint{LiveHeapBytes: 1 << 20, LiveObjects: 1000, Goroutines: 10}
	v.Checkpoints = append(v.Checkpoints, c)
	for i := range int64(rounds) {
		c.Requests += requests
		c.LiveHeapBytes += keeps*requests + i%3
		c.LiveObjects += objects * requests
		c.Goroutines += goroutines * requests
		c.LoadAllocBytes = churn*requests + i%5
		c.LoadCPUSeconds = new(0.01)
		v.Checkpoints = append(v.Checkpoints, c)
	}
	slope := float64(keeps)
	v.Verdict = harness.Verdict{Outcome: harness.Pass, Class: harness.Steady,
		SlopeBytesPerRequest: &slope, SlopeLow: new(slope - 0.5), SlopeHigh: new(slope + 0.5)}
	return v
}

func clean() harness.Result { return result("app", 0, 0, 0, 4000) }

// leaky is a variant that leaks bytes a request at sites, the first of which has
// the larger share.
func leaky(bytes int64, sites ...harness.Blame) harness.Result {
	v := result("app", bytes, bytes/100, 0, 4000)
	v.Verdict.Outcome, v.Verdict.Class = harness.Fail, harness.Leak
	v.Blame = sites
	return v
}

func site(fingerprint, function string, line int) harness.Blame {
	return harness.Blame{Fingerprint: fingerprint, Function: function, File: "app/cache.go", Line: line, Share: 0.5, BytesPerRequest: 500}
}

var (
	cache   = site("aaaaaaaaaaaa", "app.(*Cache).Put", 40)
	session = site("bbbbbbbbbbbb", "app.NewSession", 12)
)

// changed is a result with a change.
func changed(v harness.Result, change func(*harness.Result)) harness.Result {
	change(&v)
	return v
}

func TestStatus(t *testing.T) {
	inconclusive := changed(clean(), func(v *harness.Result) { v.Verdict.Outcome, v.Verdict.Class = harness.Inconclusive, harness.Unsettled })
	rss := changed(clean(), func(v *harness.Result) {
		v.Verdict.Outcome, v.Verdict.Reasons = harness.Fail, []harness.Reason{{Code: "rss", Text: "too big"}}
	})
	filling := changed(result("app", 50, 0, 0, 4000), func(v *harness.Result) { v.Verdict.Class = harness.Plateau })
	expected := changed(leaky(1000, cache), func(v *harness.Result) { v.Expect = harness.ExpectLeak })
	expectedOver := changed(expected, func(v *harness.Result) { v.Verdict.Reasons = []harness.Reason{{Code: "rss", Text: "too big"}} })
	for _, tt := range []struct {
		name            string
		base, head      harness.Result
		want            Status
		onNew, on, onIn harness.ExitCode // with --fail-on new, worse, any
	}{
		{"the same", clean(), clean(), StatusSame, 0, 0, 0},
		{"a new leak", clean(), leaky(1000, cache), StatusNew, 3, 3, 3},
		{"a second leak", leaky(1000, cache), leaky(1000, cache, session), StatusNew, 3, 3, 3},
		{"the same leak", leaky(1000, cache), leaky(1000, cache), StatusSame, 0, 0, 3},
		{"a leak that grew", leaky(1000, cache), leaky(1100, cache), StatusWorse, 0, 3, 3},
		{"a leak that shrank", leaky(1000, cache), leaky(900, cache), StatusBetter, 0, 0, 3},
		{"a leak by 1 % more", leaky(1000, cache), leaky(1010, cache), StatusSame, 0, 0, 3},
		{"a fixed leak", leaky(1000, cache), clean(), StatusBetter, 0, 0, 0},
		{"an expected leak", clean(), expected, StatusSame, 0, 0, 0},
		{"an expected leak over a budget", expected, expectedOver, StatusSame, 0, 0, 0},
		{"an expected leak that stays", expected, expected, StatusSame, 0, 0, 0},
		{"a slope below the floor", clean(), result("app", 3, 0, 0, 4000), StatusSame, 0, 0, 0},
		{"a slope above the floor", clean(), result("app", 6, 0, 0, 4000), StatusWorse, 0, 3, 3},
		{"growth with an end", clean(), filling, StatusSame, 0, 0, 0},
		{"more objects", clean(), result("app", 0, 1, 0, 4000), StatusWorse, 0, 3, 3},
		{"more goroutines", clean(), result("app", 0, 0, 1, 4000), StatusWorse, 0, 3, 3},
		{"more churn", clean(), result("app", 0, 0, 0, 5000), StatusWorse, 0, 3, 3},
		{"a little more churn", clean(), result("app", 0, 0, 0, 4200), StatusSame, 0, 0, 0},
		{"over a budget", clean(), rss, StatusNew, 3, 3, 3},
		{"over the same budget", rss, rss, StatusSame, 0, 0, 3},
		{"no verdict", clean(), inconclusive, StatusUndecided, 4, 4, 4},
		{"no verdict of the base", inconclusive, leaky(1000, cache), StatusUndecided, 4, 4, 3},
		{"a leak and then no verdict", leaky(1000, cache), inconclusive, StatusUndecided, 4, 4, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Compare(runOf20(tt.base), runOf20(tt.head), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if c.Status != tt.want {
				t.Errorf("status %q, want %q: %+v", c.Status, tt.want, c.Variants[0])
			}
			for on, want := range map[FailOn]harness.ExitCode{FailOnNew: tt.onNew, FailOnWorse: tt.on, "": tt.on, FailOnAny: tt.onIn} {
				if got := c.ExitCode(on); got != want {
					t.Errorf("exit %d with --fail-on %s, want %d", got, on, want)
				}
			}
		})
	}
}

func TestSuppressedLeakMayNotGrow(t *testing.T) {
	suppressed := func(v harness.Result) harness.Record {
		r := runOf20(v)
		r.Spec.Suppressions = []harness.Suppression{{Fingerprint: "aaaaaaaaaaaa", Reason: "known", Until: "2026-12-31"}}
		r.Conclude()
		return r
	}
	for _, tt := range []struct {
		name       string
		base, head harness.Record
		want       Status
	}{
		{"new and let pass", runOf20(clean()), suppressed(leaky(1000, cache)), StatusSame},
		{"as it was", suppressed(leaky(1000, cache)), suppressed(leaky(1000, cache)), StatusSame},
		{"grown", suppressed(leaky(1000, cache)), suppressed(leaky(2000, cache)), StatusWorse},
		{"joined by another", suppressed(leaky(1000, cache)), suppressed(leaky(1000, cache, session)), StatusNew},
	} {
		c, err := Compare(tt.base, tt.head, Options{})
		if err != nil || c.Status != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, c.Status, err, tt.want)
		}
	}
}

func TestVariantsOfOneRunOnly(t *testing.T) {
	other := changed(leaky(1000, cache), func(v *harness.Result) { v.Name = "other" })
	gone := changed(clean(), func(v *harness.Result) { v.Name = "gone" })
	c, err := Compare(runOf20(clean(), gone), runOf20(clean(), other), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if v := c.Variants[1]; v.Base != nil || v.Status != StatusNew {
		t.Errorf("the variant that leaks and is new: %+v, want a new leak and no base", v)
	}
	if diff := cmp.Diff([]string{"gone"}, c.Removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
}

func TestMap(t *testing.T) {
	main := changed(clean(), func(v *harness.Result) { v.Name = "main" })
	c, err := Compare(runOf20(main), runOf20(clean()), Options{Map: map[string]string{"app": "main"}})
	if err != nil || c.Variants[0].BaseName != "main" || len(c.Removed) > 0 {
		t.Errorf("%+v, %v; want app set against main", c.Variants, err)
	}
	for _, names := range []map[string]string{{"app": "nobody"}, {"nobody": "main"}} {
		if _, err := Compare(runOf20(main), runOf20(clean()), Options{Map: names}); err == nil || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("map %v: %v, want an error that names nobody", names, err)
		}
	}
}

func TestIncomparable(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*harness.Record)
		want   string // empty: comparable
	}{
		"scenario":     {func(r *harness.Record) { r.Spec.Name = "payment" }, `name is "checkout" in the base and "payment" in the head`},
		"data":         {func(r *harness.Record) { r.Spec.Data = map[string]any{"risky_users": 400.0} }, "data.risky_users is 200 in the base and 400"},
		"no data":      {func(r *harness.Record) { r.Spec.Data = nil }, "data.risky_users is 200 in the base and not set"},
		"rate":         {func(r *harness.Record) { r.Spec.Load.Rate = 50 }, "load.rate"},
		"connections":  {func(r *harness.Record) { r.Spec.Load.Connections = 7 }, "load.connections is 100 in the base and 7"},
		"interrupted":  {func(r *harness.Record) { r.Complete = false }, "the head is incomplete"},
		"misjudged":    {func(r *harness.Record) { r.SelfTest = &harness.SelfTest{PlantedLeak: harness.Pass} }, "self-test"},
		"gauge":        {func(r *harness.Record) { r.Variants[0].Gauge = harness.GaugePprof }, "read by probe in the base and by pprof"},
		"axis":         {func(r *harness.Record) { r.Variants[0].Axis = "KiB allocated" }, "per request in the base and per KiB allocated in the head"},
		"errors":       {func(r *harness.Record) { r.Variants[0].Load.Errors = 1001 }, "failed 1001 of 2000 requests"},
		"other names":  {func(r *harness.Record) { r.Variants[0].Name = "branch" }, "no variant is in both runs"},
		"Go":           {func(r *harness.Record) { r.Environment.GoVersion = "go1.27" }, ""},
		"budget":       {func(r *harness.Record) { r.Spec.Budget.Slope = 64 }, ""},
		"warm-up":      {func(r *harness.Record) { r.Spec.Load.WarmUp = 1000 }, ""},
		"explanations": {func(r *harness.Record) { r.Spec.About = "more words" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			head := runOf20(clean())
			tt.change(&head)
			c, err := Compare(runOf20(clean()), head, Options{})
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if warned := len(c.Warnings) == 1; warned == (name == "explanations") {
					t.Errorf("warnings %v", c.Warnings)
				}
				return
			}
			if incomparable, ok := errors.AsType[*IncomparableError](err); !ok || !strings.Contains(incomparable.Error(), tt.want) {
				t.Fatalf("%v, want an IncomparableError with %q", err, tt.want)
			}
			c, err = Compare(runOf20(clean()), head, Options{Force: true})
			forced := func(w harness.Warning) bool { return w.Code == "not-comparable" && strings.Contains(w.Text, tt.want) }
			if err != nil || !slices.ContainsFunc(c.Warnings, forced) {
				t.Errorf("by force: %v, warnings %v; want one with %q", err, c.Warnings, tt.want)
			}
		})
	}
}
