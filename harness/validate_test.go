package harness

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func validScenario() Scenario {
	return Scenario{
		Name:     "x",
		Load:     DefaultLoad(),
		Variants: []Variant{{Name: "leaky", Handler: "leaky/x", Expect: ExpectLeak}, {Name: "array", Handler: "fixed/x"}},
	}
}

func TestValidateAcceptsTheBounds(t *testing.T) {
	for name, change := range map[string]func(*Scenario){
		"defaults": func(*Scenario) {},
		"lowest": func(s *Scenario) {
			s.Load = Load{Rate: 1, Connections: 1, WarmUp: 1, Segment: 1, Segments: Segments{4, 4},
				MaxTime: Duration(time.Second), Timeout: Duration(time.Millisecond)}
			s.MemoryCeiling = 32 * MiB
		},
		"highest": func(s *Scenario) {
			s.Load = Load{Rate: 100_000, Connections: 10_000, WarmUp: 10_000_000, Segment: 1_000_000, Segments: Segments{10_000, 10_000},
				MaxTime: Duration(24 * time.Hour), Timeout: Duration(10 * time.Minute)}
		},
		"max rate":             func(s *Scenario) { s.Load.Rate = MaxRate },
		"more than fits":       func(s *Scenario) { s.Load.Segment, s.Load.Segments.Max = 1000, 10_000 },
		"warm-up fits just":    func(s *Scenario) { s.Load.Rate, s.Load.MaxTime = 100, Duration(2*time.Second) },
		"all that is accepted": func(s *Scenario) { s.Load.Accept = []int{400, 599} },
		"images": func(s *Scenario) {
			s.Backends = Backends{Containers, Containers, "valkey/valkey:8", "h:5000/p/postgres@sha256:ab"}
		},
		"a suppression":       suppress("0123456789ab", "why", "2026-12-31"),
		"a growth of nothing": func(s *Scenario) { s.Budget.Growth = Growth{0, Duration(time.Second)} },
	} {
		s := validScenario()
		change(&s)
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateNamesEachMistake(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		change func(*Scenario)
		want   string
	}{
		{func(s *Scenario) { s.Name = "" }, `scenario "": name = "", want 1 to 64 lower-case letters, digits and inner dashes`},
		{func(s *Scenario) { s.Name = "../x" }, `scenario "../x": name = "../x", want 1 to 64 lower-case letters, digits and inner dashes`},
		{func(s *Scenario) {
			s.Variants[0].Control, s.Variants[1].Control = true, true
		}, `scenario "x": variants.array.control = true, want one control at most, and "leaky" is one`},
		{func(s *Scenario) { s.Backends.Redis = "docker" }, `scenario "x": backends.redis = "docker", want embedded, external or containers`},
		{func(s *Scenario) { s.Backends.SQL = "docker" }, `scenario "x": backends.sql = "docker", want embedded, external or containers`},
		{func(s *Scenario) { s.Backends.RedisImage = "--privileged" },
			`scenario "x": backends.redis_image = "--privileged", want the name and tag of an image, such as redis:7-alpine`},
		{func(s *Scenario) { s.Backends.SQLImage = "postgres 16" },
			`scenario "x": backends.sql_image = "postgres 16", want the name and tag of an image, such as redis:7-alpine`},
		{func(s *Scenario) { s.Load.Rate = 0 }, `scenario "x": load.rate = 0/s, want above 0/s and at most 100000/s, or max`},
		{func(s *Scenario) { s.Load.Rate = -1 }, `scenario "x": load.rate = -1/s, want above 0/s and at most 100000/s, or max`},
		{func(s *Scenario) { s.Load.Rate = Rate(nan) }, `scenario "x": load.rate = NaN/s, want above 0/s and at most 100000/s, or max`},
		{func(s *Scenario) { s.Load.Rate = 100_001 }, `scenario "x": load.rate = 100001/s, want above 0/s and at most 100000/s, or max`},
		{func(s *Scenario) { s.Load.Connections = 0 }, `scenario "x": load.connections = 0, want 1 to 10000`},
		{func(s *Scenario) { s.Load.Connections, s.Load.WarmUp, s.Load.Rate = 10_001, 10_001, MaxRate }, `scenario "x": load.connections = 10001, want 1 to 10000`},
		{func(s *Scenario) { s.Load.WarmUp = 99 },
			`scenario "x": load.warm_up = 99, want at least load.connections = 100: each must be open before the first checkpoint`},
		{func(s *Scenario) { s.Load.WarmUp, s.Load.Rate = 10_000_001, MaxRate }, `scenario "x": load.warm_up = 10000001, want 1 to 10000000`},
		{func(s *Scenario) { s.Load.Segment = 0 }, `scenario "x": load.segment = 0, want 1 to 1000000`},
		{func(s *Scenario) { s.Load.Segment = 1_000_001 }, `scenario "x": load.segment = 1000001, want 1 to 1000000`},
		{func(s *Scenario) { s.Load.Segments.Min = 3 }, `scenario "x": load.segments.min = 3, want at least 4: fewer give no interval`},
		{func(s *Scenario) { s.Load.Segments.Max = 7 }, `scenario "x": load.segments.max = 7, want load.segments.min = 8 to 10000`},
		{func(s *Scenario) { s.Load.Segments.Max = 10_001 }, `scenario "x": load.segments.max = 10001, want load.segments.min = 8 to 10000`},
		{func(s *Scenario) { s.Load.MaxTime, s.Load.Rate = Duration(time.Millisecond), MaxRate }, `scenario "x": load.max_time = 1ms, want 1s to 24h0m0s`},
		{func(s *Scenario) { s.Load.MaxTime = Duration(25 * time.Hour) }, `scenario "x": load.max_time = 25h0m0s, want 1s to 24h0m0s`},
		{func(s *Scenario) { s.Load.MaxTime = Duration(time.Second) },
			`scenario "x": load.max_time = 1s, want at least 2s, which the warm-up takes: load.warm_up / load.rate`},
		{func(s *Scenario) { s.Load.Timeout = 0 }, `scenario "x": load.timeout = 0s, want 1ms to 10m0s`},
		{func(s *Scenario) { s.Load.Timeout = Duration(11 * time.Minute) }, `scenario "x": load.timeout = 11m0s, want 1ms to 10m0s`},
		{func(s *Scenario) { s.Load.Accept = []int{404, 399} }, `scenario "x": load.accept[1] = 399, want 400 to 599`},
		{func(s *Scenario) { s.Load.Accept = []int{600} }, `scenario "x": load.accept[0] = 600, want 400 to 599`},
		{func(s *Scenario) { s.Budget.Growth = Growth{Bytes: MiB} },
			`scenario "x": budget.growth = 1MiB/0s, want an amount, not negative, in a time above 0`},
		{func(s *Scenario) { s.Budget.Slope = -1 }, `scenario "x": budget.slope = -1B/request, want 0B/request or more`},
		{func(s *Scenario) { s.Budget.Slope = BytesPerRequest(nan) }, `scenario "x": budget.slope = NaNB/request, want 0B/request or more`},
		{func(s *Scenario) { s.Budget.Goroutines = CountPerRequest(nan) }, `scenario "x": budget.goroutines = NaN/request, want 0/request or more`},
		{func(s *Scenario) { s.Budget.Peak = -1 }, `scenario "x": budget.peak = -1B, want 0B or more`},
		{func(s *Scenario) { s.Budget.Churn = BytesPerRequest(math.Inf(1)) }, `scenario "x": budget.churn = +InfB/request, want 0B/request or more`},
		{func(s *Scenario) { s.Budget.Objects = -1 }, `scenario "x": budget.objects = -1/request, want 0/request or more`},
		{func(s *Scenario) { s.Budget.OffHeap = -1 }, `scenario "x": budget.off_heap = -1B/request, want 0B/request or more`},
		{func(s *Scenario) { s.Budget.RSS = -1 }, `scenario "x": budget.rss = -1B, want 0B or more`},
		{func(s *Scenario) { s.Budget.TimeToOOM.Limit = GiB }, `scenario "x": budget.time_to_oom = 0s/1GiB, want a time and a limit above 0`},
		{func(s *Scenario) { s.Warn.Slope = -1 }, `scenario "x": warn.slope = -1B/request, want 0B/request or more`},
		{func(s *Scenario) { s.Warn.Keys = 1 }, `scenario "x": warn.keys = 1, want 0: the keys that a service holds are no level`},
		{suppress("x", "why", "2026-12-31"), `scenario "x": suppressions[0].fingerprint = "x", want 12 hexadecimal digits, as in a report`},
		{suppress("0123456789AB", "why", "2026-12-31"),
			`scenario "x": suppressions[0].fingerprint = "0123456789AB", want 12 hexadecimal digits, as in a report`},
		{suppress("0123456789ab", "", "2026-12-31"), `scenario "x": suppressions[0].reason = "", want why the leak is let pass`},
		{suppress("0123456789ab", "why", "2026-02-30"),
			`scenario "x": suppressions[0].until = "2026-02-30", want the last day on which the leak is let pass, such as 2026-12-31`},
		{func(s *Scenario) {
			suppress("0123456789ab", "why", "2026-12-31")(s)
			suppress("0123456789ab", "why", "2027-12-31")(s)
		}, `scenario "x": suppressions[1].fingerprint = 0123456789ab, want one that is not suppressed already`},
		{func(s *Scenario) { s.MemoryCeiling = MiB }, `scenario "x": memory_ceiling = 1MiB, want 0 for the default, or at least 32MiB`},
		{func(s *Scenario) { s.MemoryLimit = MiB }, `scenario "x": memory_limit = 1MiB, want 0 for none, or at least 32MiB`},
		{func(s *Scenario) { s.Variants = nil }, `scenario "x": variants = 0, want 1 to 32 of them`},
		{func(s *Scenario) { s.Variants[1].Name = "leaky" }, `scenario "x": variants[1].name = "leaky", want a name that no other variant has`},
		{func(s *Scenario) { s.Variants[1].Name = "A" }, `scenario "x": variants[1].name = "A", want 1 to 64 lower-case letters, digits and inner dashes`},
		{func(s *Scenario) { s.Variants[1].Handler = "" },
			`scenario "x": variants.array.handler = "", want the name of a built-in handler, such as leaky/NAME; or else a command or a build`},
		{func(s *Scenario) { s.Variants[1].Expect = "dirty" }, `scenario "x": variants.array.expect = "dirty", want clean, leak or any`},
	} {
		s := validScenario()
		test.change(&s)
		if got := fmt.Sprint(s.Validate()); got != test.want {
			t.Errorf("error\n got %s\nwant %s", got, test.want)
		}
	}
}

func suppress(fingerprint Fingerprint, reason, until string) func(*Scenario) {
	return func(s *Scenario) {
		s.Suppressions = append(s.Suppressions, Suppression{Fingerprint: fingerprint, Reason: reason, Until: until})
	}
}

func TestValidateTellsAllMistakesAtOnce(t *testing.T) {
	err := Scenario{}.Validate()
	for _, key := range []string{"name", "load.rate", "load.connections", "load.warm_up", "load.segment", "load.segments.min", "load.max_time", "load.timeout", "variants"} {
		if !strings.Contains(fmt.Sprint(err), `scenario "": `+key+" = ") {
			t.Errorf("no word of %s in:\n%v", key, err)
		}
	}
}
