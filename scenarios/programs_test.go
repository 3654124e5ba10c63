package scenarios_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/scenarios"
)

func TestDecodeEveryKeyOfPrograms(t *testing.T) {
	data, err := os.ReadFile("testdata/commands.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := scenarios.Decode("commands.yaml", data, []scenarios.Set{
		{Key: "variants.main.env.A.B", Value: "x y"},
		{Key: "variants.branch.build.args", Value: "[-v, 2]"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := harness.Scenario{
		Name:     "commands",
		Backends: harness.Backends{Redis: harness.Embedded, SQL: harness.Embedded},
		Load:     harness.DefaultLoad(),
		Requests: []harness.RequestTemplate{
			{URL: "/items/{{seq}}"},
			{Method: "POST", URL: "/cart", Header: map[string]string{"Authorization": "Bearer {{env TOKEN}}", "X-Retries": "3"}, Body: `{"item": {{rand 1000}}}`},
		},
		RequestsFile: "requests.txt",
		Variants: []harness.Variant{
			{
				Name:    "main",
				Command: []string{"./server", "--port", "{{app_port}}", "--retries", "3", "--debug=true"},
				Dir:     "bin",
				Env:     map[string]string{"GOGC": "50", "DATABASE_URL": "{{database_url}}", "A.B": "x y"},
				Ready:   harness.Ready{HTTP: "/healthz", Timeout: harness.Duration(5 * time.Second)},
				Pprof:   "http://127.0.0.1:{{pprof_port}}",
				Before:  [][]string{{"./seed", "{{redis_url}}"}, {"./login"}},
				After:   [][]string{{"./clean"}},
			},
			{
				Name:   "branch",
				Build:  harness.Build{Package: "./cmd/server", Revision: "main", Flags: []string{"-tags=x"}, Args: []string{"-v", "2"}},
				Ready:  harness.Ready{Log: "listening on"},
				Probe:  "http://127.0.0.1:{{app_port}}",
				Expect: harness.ExpectLeak,
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	r, err := scenarios.Resolve(got)
	if err != nil {
		t.Fatal(err)
	}
	if r.Data != nil || r.Case.Name != "" || len(r.Handlers) != 2 {
		t.Errorf("case %q, data %v, %d handlers, want none but a place for each variant", r.Case.Name, r.Data, len(r.Handlers))
	}
	if want := (backend.Needs{Redis: true, SQL: true}); r.Needs() != want {
		t.Errorf("needs %+v, want what backends name: %+v", r.Needs(), want)
	}
}

// TestNeeds has a backend that is named but not needed, and the other way round.
func TestNeeds(t *testing.T) {
	for text, want := range map[string]backend.Needs{
		base + "backends: {redis: embedded}":                                                                   {Redis: true, SQL: true}, // of the case
		"name: x\nrequests: [{url: /}]\nvariants: [{name: a, command: [./a]}]":                                 {},
		"name: x\nbackends: {sql: embedded}\nrequests: [{url: /}]\nvariants: [{name: a, command: [./a]}]":      {SQL: true},
		base + "- {name: b, command: [./server, --port, '{{app_port}}', '{{redis_url}}', '{{database_url}}']}": {Redis: true, SQL: true},
	} {
		s, err := scenarios.Decode("x.yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := scenarios.Resolve(s)
		if err != nil {
			t.Errorf("%s\n%v", text, err)
		}
		if r.Needs() != want {
			t.Errorf("%s\nneeds %+v, want %+v", text, r.Needs(), want)
		}
	}
}

func TestResolveTellsMistakesOfPrograms(t *testing.T) {
	s, err := scenarios.Decode("x.yaml", []byte(`
name: x
data: {seed: 1}
requests: [{url: /}]
variants:
- name: a
  command: [./a, "{{port}}", "{{redis_url}}"]
  env: {DB: "{{database_url}}", OPEN: "{{app_port"}
  pprof: http://192.0.2.1:6060
  probe: ""
  ready: {http: "https://example.com/{{seq}}"}
  before: [[./b, "{{env TOKEN}}", "{{rand 3}}"]]
  after: [[./c], ["{{x}}"]]
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scenarios.Resolve(s)
	const known = "is no placeholder: want one of {{app_port}}, {{pprof_port}}, {{redis_url}}, {{database_url}}, {{env NAME}}"
	want := `scenario "x": variants.a.command[1]: {{port}} ` + known + `
scenario "x": variants.a.command[2]: {{redis_url}} has no backend, want backends.redis
scenario "x": variants.a.env.DB: {{database_url}} has no backend, want backends.sql
scenario "x": variants.a.env.OPEN: "{{app_port": {{ without }}
scenario "x": variants.a.before[0][2]: {{rand 3}} ` + known + `
scenario "x": variants.a.after[1][0]: {{x}} ` + known + `
scenario "x": variants.a.ready.http: {{seq}} ` + known + `
scenario "x": variants.a.pprof = "http://192.0.2.1:6060", want a URL of this machine, such as http://127.0.0.1:{{app_port}}
scenario "x": data are for built-in handlers, and there is none: want them left out`
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
