package main

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios"
)

// modules are the sources of modules, by the name of a file in them.
var modules = map[string]map[string]string{
	"flag": {
		"go.mod":             "module example.com/Shop_Front/v2\n\ngo 1.26.0\n",
		"cmd/server/main.go": "package main\n\nimport (\n\t\"flag\"\n\t\"net/http\"\n\t_ \"net/http/pprof\"\n)\n\nfunc main() {\n\tat := flag.String(\"addr\", \":80\", \"\")\n\thttp.ListenAndServe(*at, nil)\n}\n",
		"cmd/tool/main.go":   "package main\n\nfunc main() {}\n",
		"cmd/worker/main.go": "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\":81\", nil) }\n",
	},
	"env": {
		"go.mod":  "module shop\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() { http.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil) }\n",
	},
	"routes": {
		"go.mod":  "module example.com/shop\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport (\n\t\"net/http\"\n\n\t\"example.com/shop/api\"\n)\n\nfunc main() { http.ListenAndServe(\":80\", api.Routes()) }\n",
		"api/routes.go": `package api

import "net/http"

type router struct{ *http.ServeMux }

func Routes() http.Handler {
	r := router{http.NewServeMux()}
	r.HandleFunc("POST /login", nil)
	r.HandleFunc("GET /items/{id}", nil)
	r.Get("/users/:id/cart", nil)
	r.HandleFunc("/files/{path...}", nil)
	r.HandleFunc("DELETE /items/{id}", nil)
	r.HandleFunc("GET /items/{name}", nil) // the same request
	r.Handle("/debug/pprof/", nil)
	r.HandleFunc("/healthz", nil)
	r.HandleFunc("/{$}", nil)
	http.Get("/not/a/route")
	http.Post("https://example.com/", "text/plain", nil)
	return r
}

func (router) Get(string, http.HandlerFunc) {}
`,
		"other/other.go": "package other // which main does not import\n\nimport \"net/http\"\n\nfunc init() { http.HandleFunc(\"/other\", nil) }\n",
	},
	"nothing": {
		"go.mod":  "module example.com/tool\n\ngo 1.26.0\n",
		"main.go": "package main\n\nfunc main() { nothing( }\n",
	},
}

// module writes one of the modules to a directory of the shell, which it returns.
func (s shell) module(name string) string {
	s.Helper()
	for file, content := range modules[name] {
		path := filepath.Join(s.path(name), filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			s.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			s.Fatal(err)
		}
	}
	return s.path(name)
}

func TestInitWritesAScenarioThatIsOne(t *testing.T) {
	for module, want := range map[string]struct {
		name    string
		variant harness.Variant
		texts   []string // of the file, and of what init prints
		printed []string
	}{
		"flag": {"shop-front",
			harness.Variant{Name: "branch", Build: harness.Build{Package: "./cmd/server", Args: []string{"--addr", "127.0.0.1:{{app_port}}"}}},
			[]string{"LOOK: others are ./cmd/worker\n", "see main.go:10", "it imports net/http/pprof."},
			[]string{"look at the lines marked LOOK", "leaklab run "}},
		"env": {"shop",
			harness.Variant{Name: "branch", Build: harness.Build{Package: "."}, Env: map[string]string{"PORT": "{{app_port}}"}},
			[]string{"see main.go:8", "it does not import net/http/pprof"},
			[]string{`import _ "net/http/pprof"`}},
		"nothing": {"tool",
			harness.Variant{Name: "branch", Build: harness.Build{Package: ".", Args: []string{"--port", "{{app_port}}"}}},
			[]string{"LOOK: how the service is told where to listen\n"}, nil},
	} {
		t.Run(module, func(t *testing.T) {
			s := newShell(t)
			dir := s.module(module)
			s.run("init "+dir).want(harness.ExitPass, append(want.printed, "wrote "+filepath.Join(dir, "leaklab.yaml"))...)
			content, err := os.ReadFile(filepath.Join(dir, "leaklab.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			scenario, err := scenarios.Decode("leaklab.yaml", content, nil)
			if err == nil {
				_, err = scenarios.Resolve(scenario)
			}
			if err != nil {
				t.Fatalf("%v in:\n%s", err, content)
			}
			if diff := cmp.Diff([]harness.Variant{want.variant}, scenario.Variants); diff != "" || scenario.Name != want.name {
				t.Errorf("name %s, want %s; variants (-want +got):\n%s", scenario.Name, want.name, diff)
			}
			for _, text := range want.texts {
				if !strings.Contains(string(content), text) {
					t.Errorf("%q is not in:\n%s", text, content)
				}
			}
		})
	}
}

// A module below the top of its repository has its workflow there, and is worked on
// where it is.
func TestInitWritesTheWorkflowOfTheRepository(t *testing.T) {
	for module, below := range map[string]string{"env": "", "flag": "flag"} {
		t.Run(module, func(t *testing.T) {
			s := newShell(t)
			dir := s.module(module)
			top := strings.TrimSuffix(dir, below)
			if err := os.Mkdir(filepath.Join(top, ".git"), 0o700); err != nil {
				t.Fatal(err)
			}
			s.run("init "+dir).want(harness.ExitPass, "leaklab.yml")
			w := s.workflow(filepath.Join(top, ".github", "workflows", "leaklab.yml"))
			if !slices.Equal(w.On, []string{"pull_request"}) {
				t.Errorf("on %q, want pull requests", w.On)
			}
			job := w.Jobs["leaks"]
			if got := job.Defaults.Run.Directory; got != below {
				t.Errorf("works in %q, want %q", got, below)
			}
			var commands, files []string
			for _, step := range job.Steps {
				if step.Run != "" {
					commands = append(commands, step.Run)
				}
				for _, key := range []string{"go-version-file", "path"} {
					if file := step.With[key]; file != "" {
						files = append(files, file)
					}
				}
			}
			if !slices.Contains(commands, "leaklab run leaklab.yaml --out leaklab-run") {
				t.Errorf("commands %q", commands)
			}
			if diff := cmp.Diff([]string{path.Join(below, "go.mod"), path.Join(below, "leaklab-run")}, files); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// workflow is the part of a workflow of GitHub's that tests look at.
type workflow struct {
	On   []string
	Jobs map[string]struct {
		Defaults struct {
			Run struct {
				Directory string `yaml:"working-directory"`
			}
		}
		Steps []struct {
			Run  string
			With map[string]string
		}
	}
}

func (s shell) workflow(file string) (w workflow) {
	s.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	if err := yaml.Unmarshal(content, &w); err != nil {
		s.Fatalf("%v in:\n%s", err, content)
	}
	return w
}

// A module that imports the probe is read through it, without a word of pprof.
func TestInitFindsTheProbe(t *testing.T) {
	for _, f := range []facts{
		{Package: ".", Auto: true},
		{Package: ".", Auto: true, listening: listening{Variable: "PORT", Value: "{{app_port}}", Seen: "main.go:1"}},
		{Package: ".", Probe: true},
	} {
		f.Name = "shop"
		files, err := f.files()
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenarios.Decode("leaklab.yaml", files[0].content, nil)
		if err != nil {
			t.Fatalf("%v in:\n%s", err, files[0].content)
		}
		v, probe, env := s.Variants[0], "http://127.0.0.1:{{pprof_port}}", map[string]string{"LEAKLAB_PROBE_ADDR": "127.0.0.1:{{pprof_port}}"}
		if f.Probe {
			probe, env = "http://127.0.0.1:{{app_port}}", nil
		}
		if f.Variable != "" {
			env[f.Variable] = f.Value
		}
		if diff := cmp.Diff(env, v.Env); v.Probe != probe || diff != "" {
			t.Errorf("probe %q, want %q; env (-want +got):\n%s", v.Probe, probe, diff)
		}
		if text := f.next("leaklab.yaml"); strings.Contains(text, "pprof") {
			t.Errorf("asks for net/http/pprof: %s", text)
		}
	}
}

// What sources register becomes requests: those that read first, the others to be
// given a body.
func TestInitFindsRoutes(t *testing.T) {
	s := newShell(t)
	dir := s.module("routes")
	s.run("init "+dir).want(harness.ExitPass, "wrote")
	content, err := os.ReadFile(filepath.Join(dir, "leaklab.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := scenarios.Decode("leaklab.yaml", content, nil)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, content)
	}
	var sent []string
	for _, r := range scenario.Requests {
		sent = append(sent, r.Method+" "+r.URL)
	}
	if diff := cmp.Diff([]string{"GET /items/{{seq}}", "GET /users/{{seq}}/cart", "GET /files/{{seq}}"}, sent); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for _, text := range []string{`# - {method: POST, url: "/login"`, "see routes.go:9", `# - {method: DELETE, url: "/items/{{seq}}"`} {
		if !strings.Contains(string(content), text) {
			t.Errorf("%q is not in:\n%s", text, content)
		}
	}
}

func TestInitReplacesNothing(t *testing.T) {
	s := newShell(t)
	dir := s.module("env")
	file := filepath.Join(dir, "leaklab.yaml")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("init "+dir).want(harness.ExitUsage, "leaklab.yaml is there already", "hint: leaklab init --force")
	if content, _ := os.ReadFile(file); string(content) != "mine" {
		t.Errorf("the file holds %q, want what was there", content)
	}
	if _, err := os.Stat(filepath.Join(dir, ".github")); err == nil {
		t.Error("the workflow was written, want both files or none")
	}
	s.run("init --force "+dir).want(harness.ExitPass, "wrote")
	if content, _ := os.ReadFile(file); string(content) == "mine" {
		t.Error("--force replaced nothing")
	}
}

func TestInitOfNoModule(t *testing.T) {
	s := newShell(t)
	s.run("init nowhere").want(harness.ExitUsage, "nowhere", "hint: leaklab init DIR")
	if err := os.Mkdir(s.path("library"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"go.mod": "module library\n", "library.go": "package library\n"} {
		if err := os.WriteFile(s.path("library/"+name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.run("init library").want(harness.ExitUsage, "no main package", "leaktest")
}

func TestListening(t *testing.T) {
	for source, want := range map[string]listening{
		`flag.String("addr", "", "")`:                           {Flag: "--addr", Value: "127.0.0.1:{{app_port}}"},
		`flag.IntVar(&x, "port", 80, "")`:                       {Flag: "--port", Value: "{{app_port}}"},
		`cmd.Flags().StringVarP(&x, "http-addr", "a", "", "")`:  {Flag: "--http-addr", Value: "127.0.0.1:{{app_port}}"},
		`x, _ := os.LookupEnv("HTTP_PORT")`:                     {Variable: "HTTP_PORT", Value: "{{app_port}}"},
		`os.Getenv("SHOP_LISTEN_ADDR")`:                         {Variable: "SHOP_LISTEN_ADDR", Value: "127.0.0.1:{{app_port}}"},
		`flag.String("name", "", ""); flag.Int("port", 1, "")`:  {Flag: "--port", Value: "{{app_port}}"},
		`flag.String("name", "port", "the port"); f("port", 1)`: {},
		`os.Getenv("HOME"); fmt.Println("addr")`:                {},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {\n"+source+"\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if want != (listening{}) {
			want.Seen = "main.go:4"
		}
		if got := findListening(dir, []string{"gone.go", "main.go"}); got != want {
			t.Errorf("%s: %+v, want %+v", source, got, want)
		}
	}
}

func TestScenarioName(t *testing.T) {
	for module, want := range map[string]string{
		"example.com/shop": "shop", "example.com/shop/v12": "shop", "github.com/Some/Thing_One.go": "thing-one-go",
		"---": "service", "v2": "service", "x/" + strings.Repeat("a", 63) + "-b": strings.Repeat("a", 63),
	} {
		got := scenarioName(module)
		if got != want {
			t.Errorf("%s: %q, want %q", module, got, want)
		}
	}
}
