package harness

import (
	"fmt"
	"testing"
)

func commandScenario() Scenario {
	return Scenario{
		Name:     "x",
		Load:     DefaultLoad(),
		Variants: []Variant{{Name: "a", Command: []string{"./server", "--port", "{{app_port}}"}}},
		Requests: []RequestTemplate{{URL: "/"}},
	}
}

func TestValidateAcceptsPrograms(t *testing.T) {
	for name, change := range map[string]func(*Scenario, *Variant){
		"a command": func(*Scenario, *Variant) {},
		"all of it": func(_ *Scenario, v *Variant) {
			v.Dir, v.Env, v.Pprof = "sub", map[string]string{"A": ""}, "http://127.0.0.1:{{pprof_port}}"
			v.Ready = Ready{HTTP: "/healthz", Timeout: maxReadyTime}
			v.Before, v.After = [][]string{{"./seed"}}, [][]string{{"./clean", ""}}
		},
		"a build": func(_ *Scenario, v *Variant) {
			v.Command, v.Build = nil, Build{Package: "./cmd/server", Revision: "main"}
		},
		"a file of requests": func(s *Scenario, _ *Variant) { s.Requests, s.RequestsFile = nil, "requests.txt" },
		"beside a handler": func(s *Scenario, _ *Variant) {
			s.Requests = nil
			s.Variants = append(s.Variants, Variant{Name: "b", Handler: "leaky/x"})
		},
	} {
		s := commandScenario()
		change(&s, &s.Variants[0])
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateNamesMistakesOfPrograms(t *testing.T) {
	for _, test := range []struct {
		change func(*Scenario, *Variant)
		want   string
	}{
		{func(_ *Scenario, v *Variant) { v.Command = nil },
			`variants.a.handler = "", want the name of a built-in handler, such as leaky/NAME; or else a command or a build`},
		{func(s *Scenario, v *Variant) { v.Handler, s.Requests = "leaky/x", nil },
			`variants.a has handler and command, want one of them: a built-in handler is a program already`},
		{func(s *Scenario, v *Variant) {
			v.Handler, v.Command, v.Env, s.Requests = "leaky/x", nil, map[string]string{"A": "b"}, nil
		},
			`variants.a has handler and env, want one of them: a built-in handler is a program already`},
		{func(_ *Scenario, v *Variant) { v.Build.Package = "./cmd" }, `variants.a.build.package = "./cmd", want nothing beside a command`},
		{func(_ *Scenario, v *Variant) { v.Command, v.Build.Revision = nil, "main" },
			`variants.a.build.package = "", want a main package, such as ./cmd/server`},
		{func(_ *Scenario, v *Variant) { v.Command, v.Build = nil, Build{Package: "-exec=x"} },
			`variants.a.build.package = "-exec=x", want a package, and flags in build.flags`},
		{func(_ *Scenario, v *Variant) { v.Command, v.Build = nil, Build{Package: ".", Revision: "--all"} },
			`variants.a.build.revision = "--all", want a branch, a tag or a commit`},
		{func(_ *Scenario, v *Variant) { v.Command[0] = " " }, `variants.a.command[0] = " ", want a program, such as ./server`},
		{func(_ *Scenario, v *Variant) { v.Before = [][]string{{}} }, `variants.a.before[0][0] = "", want a program, such as ./server`},
		{func(_ *Scenario, v *Variant) { v.After = make([][]string, 17) }, `variants.a.after = 17, want at most 16 commands`},
		{func(_ *Scenario, v *Variant) { v.Env = map[string]string{"A=B": ""} }, `variants.a.env = "A=B", want a name without =`},
		{func(_ *Scenario, v *Variant) { v.Ready = Ready{HTTP: "/", Log: "x"} },
			`variants.a.ready.log = "x", want nothing beside variants.a.ready.http`},
		{func(_ *Scenario, v *Variant) { v.Ready.HTTP = "healthz" }, `variants.a.ready.http = "healthz", want a path such as /healthz, or a URL`},
		{func(_ *Scenario, v *Variant) { v.Ready.Timeout = maxReadyTime + 1 }, `variants.a.ready.timeout = 10m0.000000001s, want 0s to 10m0s`},
		{func(_ *Scenario, v *Variant) { v.Pprof, v.Probe = "http://a", "http://b" },
			`variants.a.pprof = "http://a", want nothing beside probe, which is read instead`},
		{func(s *Scenario, _ *Variant) { s.Requests = nil },
			`requests = 0, want at least one, such as {url: /items/{{seq}}}: nothing is known of what a command answers`},
		{func(s *Scenario, _ *Variant) { s.Requests[0].URL = "" }, `requests[0].url = "", want a path of the service, such as /items/{{seq}}`},
		{func(s *Scenario, _ *Variant) { s.Variants = append(s.Variants, Variant{Name: "b", Handler: "leaky/x"}) },
			`requests = 1, want none beside a built-in handler, which brings its own`},
	} {
		s := commandScenario()
		test.change(&s, &s.Variants[0])
		got := fmt.Sprint(s.Validate())
		if test.want = `scenario "x": ` + test.want; len(test.want) > len(got) || got[:len(test.want)] != test.want {
			t.Errorf("error\n got %s\nwant %s", got, test.want)
		}
	}
}

func TestHowAProgramIsRead(t *testing.T) {
	told := []string{"./server", ":{{ app_port }}"}
	for name, tt := range map[string]struct {
		variant   Variant
		announces bool
		gauge     GaugeKind
	}{
		"a handler":        {Variant{Handler: "leaky/x"}, false, GaugeProbe},
		"told by argument": {Variant{Command: told}, false, GaugePprof},
		"told by env":      {Variant{Command: []string{"./server"}, Env: map[string]string{"PORT": "{{app_port}}"}}, false, GaugePprof},
		"built, told":      {Variant{Build: Build{Package: ".", Args: told}}, false, GaugePprof},
		"with a probe":     {Variant{Command: told, Probe: "http://127.0.0.1:{{app_port}}"}, false, GaugeProbe},
		"not told":         {Variant{Command: []string{"./server"}}, true, GaugeProbe},
		"not told, pprof":  {Variant{Command: []string{"./server"}, Pprof: "http://127.0.0.1:6060"}, true, GaugePprof},
	} {
		if a, g := tt.variant.Announces(), tt.variant.Gauge(); a != tt.announces || g != tt.gauge {
			t.Errorf("%s: announces %t, read by %s; want %t, %s", name, a, g, tt.announces, tt.gauge)
		}
	}
}
