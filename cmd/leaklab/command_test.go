package main

import (
	"bytes"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/blame"
)

// commandShell is a shell with the service of testdata in it, and a leaklab.yaml.
func commandShell(t *testing.T, service, scenario string) shell {
	t.Helper()
	s := newShell(t)
	if err := os.Link(service, s.path("program")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path("leaklab.yaml"), []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// buildService builds the service once for the tests below.
func buildService(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scenarios below run commands of a shell")
	}
	if testing.Short() {
		t.Skip("builds a program and measures it")
	}
	service := filepath.Join(t.TempDir(), "service")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", service, "./testdata/service")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return service
}

const commandHead = `
name: items
load: {rate: 1000/s, connections: 16, warm_up: 500, segment: 200, segments: {min: 8, max: 100}, max_time: 40s}
requests: [{url: "/items/{{seq}}", header: {Authorization: "Bearer {{env TOKEN}}"}}]
variants:
`

// tokenless is the same for services that ask for no password.
var tokenless = strings.Replace(commandHead, "{{env TOKEN}}", "none", 1)

func TestCommands(t *testing.T) {
	service := buildService(t)
	t.Run("two builds side by side", func(t *testing.T) { testTwoBuilds(t, service) })
	t.Run("one that announces itself", func(t *testing.T) {
		s := commandShell(t, service, tokenless+
			"- {name: clean, command: [./program, -announce], before: [[sh, -c, 'echo {{app_port}} >port']]}\n")
		s.run("run --quiet --no-self-test --out out").want(harness.ExitPass, "clean")
		if gauge := s.record("out").Variants[0].Gauge; gauge != harness.GaugeProbe {
			t.Errorf("read by %q, want its probe", gauge)
		}
		if port, err := os.ReadFile(s.path("port")); err != nil || len(port) < 2 {
			t.Errorf("before the load it is told port %q, error %v", port, err)
		}
	})
	for name, tt := range map[string]struct {
		head, variants string
		code           harness.ExitCode
		want           []string
	}{
		"dies": {tokenless, "{name: a, command: [./program, -die, '{{app_port}}']}", harness.ExitNotRun,
			[]string{`variant "a"`, "exited with code 1 before it was ready; its output ends:", "no such table: items"}},
		"finds its port taken": {tokenless, "{name: a, command: [sh, -c, 'exec ./program -port " + takenPort(t) + " # not {{app_port}}']}", harness.ExitNotRun,
			[]string{`variant "a"`, "exited with code 1 before it was ready; its output ends:", "address already in use"}},
		"is never ready": {tokenless, "{name: a, command: [./program, -port, '{{app_port}}'], ready: {http: /nothing, timeout: 3s}}", harness.ExitNotRun,
			[]string{"not ready after 3s: waited for an answer of http://127.0.0.1:", "/nothing: status 404", "about to listen at"}},
		"is not there": {tokenless, "{name: a, command: [./no-such-program, '{{app_port}}']}", harness.ExitNotRun, []string{"no-such-program: no such file", "all that it printed is in out/a.log"}},
		"has no pprof": {tokenless, "{name: a, command: [./program, -port, '{{app_port}}'], pprof: 'http://127.0.0.1:{{app_port}}/x'}", harness.ExitNotRun,
			[]string{`want net/http/pprof in the service (import _ "net/http/pprof"), and pprof: http://127.0.0.1:{{pprof_port}} in the scenario`}},
		"fails before": {tokenless, "{name: a, command: [./program, -port, '{{app_port}}'], before: [[sh, -c, 'echo TOKEN=t; echo no rows >&2; exit 7']]}",
			harness.ExitNotRun, []string{`variant "a": before[0]: command of "a": sh: exited with code 7; its output ends:`, "no rows"}},
		"prints no token": {commandHead, "{name: a, command: [./program, -port, '{{app_port}}'], before: [['true']]}", harness.ExitNotRun,
			[]string{"requests[0]: header Authorization: column 8: {{env TOKEN}}: the environment has no such variable"}},
		"has no token": {commandHead, "{name: a, command: [./program, -port, '{{app_port}}']}", harness.ExitUsage,
			[]string{"requests[0]: header Authorization: column 8: {{env TOKEN}}: the environment has no such variable"}},
	} {
		t.Run("one that "+name, func(t *testing.T) {
			s := commandShell(t, service, tt.head+"- "+tt.variants+"\n")
			s.run("run --quiet --no-self-test --out out").want(tt.code, tt.want...)
			if _, err := os.Stat(s.path("out/run.json")); err == nil {
				t.Error("a record of nothing is left")
			}
		})
	}
}

// takenPort is a port at which another listens until the test ends.
func takenPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// testTwoBuilds has a leaky and a fixed build in the leaklab.yaml that run finds.
// Both want a password, which is a secret of the environment in one and printed
// by what runs before in the other; neither may be on disk afterwards.
func testTwoBuilds(t *testing.T, service string) {
	s := commandShell(t, service, commandHead+`
- name: leaky
  command: [./program, -port, "{{app_port}}", -leak]
  env: {PASSWORD: hunter2, GOGC: 100, GODEBUG: http2client=0}
  ready: {http: /healthz}
  before: [[sh, -c, 'echo "TOKEN=hun$0"; echo seeded >&2', ter2]]
  after: [[sh, -c, 'echo "$TOKEN" | wc -c >after']]
  expect: leak
- name: fixed
  command: [./program, -port, "{{app_port}}"]
  env: {GODEBUG: memprofilerate=1024}
  ready: {log: "about to listen"}
  before: [[sh, -c, 'echo TOKEN=$(printf "hunter%d" 2)']]
`)
	s.run("run --no-self-test --out out").want(harness.ExitPass, "LEAK, expected", "PASS: every variant is what the scenario expects")
	record := s.record("out")
	for i, want := range []harness.Outcome{harness.Fail, harness.Pass} {
		v := record.Variants[i]
		if v.Verdict.Outcome != want || v.Gauge != harness.GaugePprof || v.Load.Errors > 0 {
			t.Errorf("%s: %s by %s with %d errors, want %s by pprof with none", v.Name, v.Verdict.Outcome, v.Gauge, v.Load.Errors, want)
		}
	}
	for i, want := range []int64{65536, 1024} {
		if rate := s.profileRate("out", record.Variants[i]); rate != want {
			t.Errorf("%s samples an allocation in %d bytes, want %d", record.Variants[i].Name, rate, want)
		}
	}
	if blame := record.Variants[0].Blame; len(blame) == 0 || !strings.HasSuffix(blame[0].Function, "main.remember") {
		t.Errorf("blame %+v, want main.remember first", blame)
	}
	if after, err := os.ReadFile(s.path("after")); err != nil || strings.TrimSpace(string(after)) != "8" {
		t.Errorf("after the load: %q, error %v, want the length of the token and its end of line", after, err)
	}
	for name, want := range map[string]string{"leaky.log": "about to listen at", "leaky.before0.log": "seeded"} {
		text, err := os.ReadFile(s.path("out/" + name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %q, error %v, want %q in it", name, text, err, want)
		}
	}
	s.wantNowhere("out", "hunter2")
}

// profileRate is the mean of bytes between two samples of a variant's profiles.
func (s shell) profileRate(out string, v harness.Result) int64 {
	s.Helper()
	for _, c := range v.Checkpoints {
		if c.Profile == "" {
			continue
		}
		data, err := os.ReadFile(s.path(out + "/" + c.Profile))
		if err != nil {
			s.Fatal(err)
		}
		p, err := blame.Read(data)
		if err != nil {
			s.Fatal(err)
		}
		return p.Period
	}
	return 0
}

// wantNowhere wants no file of a directory to hold a text.
func (s shell) wantNowhere(dir, text string) {
	s.Helper()
	err := fs.WalkDir(os.DirFS(s.path(dir)), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(s.path(dir), path))
		if bytes.Contains(content, []byte(text)) {
			s.Errorf("%s holds %q", path, text)
		}
		return err
	})
	if err != nil {
		s.Error(err)
	}
}

func TestRunFindsItsScenario(t *testing.T) {
	s := newShell(t)
	s.run("run --rate 0").want(harness.ExitUsage, "leaklab: no leaklab.yaml here: running the built-in scenario fraud-check", `scenario "fraud-check"`)
	for _, name := range []string{"leaklab.yml", "leaklab.yaml"} { // the latter counts where both are there
		if err := os.WriteFile(s.path(name), []byte("name: "+strings.ReplaceAll(name, ".", "-")), 0o600); err != nil {
			t.Fatal(err)
		}
		s.run("run").want(harness.ExitUsage, `scenario "`+strings.ReplaceAll(name, ".", "-")+`"`)
	}
}

func TestPrinted(t *testing.T) {
	got := printed("TOKEN=abc=\r\nchatter\nA_1=\n 9=x\nlevel = info\nTOKEN=last one\n=x\nno end=y")
	want := map[string]string{"TOKEN": "last one", "A_1": ""}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
