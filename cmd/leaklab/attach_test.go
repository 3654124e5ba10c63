package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	_ "net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
)

// asService makes the test binary a service that knows nothing of leaklab: it
// keeps what is posted to /notes, whatever the path, and serves its profiles.
const asService = "LEAKLAB_TEST_AS_SERVICE"

func init() {
	if os.Getenv(asService) == "" {
		return
	}
	var mu sync.Mutex
	var notes [][]byte
	http.HandleFunc("POST /notes/", func(_ http.ResponseWriter, r *http.Request) {
		note, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		mu.Lock()
		defer mu.Unlock()
		notes = append(notes, keep(note))
	})
	http.HandleFunc("GET /notes/", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(w, len(notes))
	})
	server := httptest.NewServer(nil)
	fmt.Println(server.URL)
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// keep copies a note to a place that the profile shows.
func keep(note []byte) []byte { return append(make([]byte, 0, 2<<10), note...) }

// startService starts the service and returns its address.
func startService(t *testing.T) string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asService+"=1", "GODEBUG=memprofilerate=4096")
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := child.Wait(); err != nil {
			t.Errorf("service: %v", err)
		}
	})
	var address string
	if _, err := fmt.Fscanln(stdout, &address); err != nil {
		t.Fatal(err)
	}
	return address
}

// runAttach runs leaklab attach and returns its output, its exit code and its
// error.
func runAttach(t *testing.T, stdin string, args ...string) (string, harness.ExitCode, *exitError) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	cmd := newAttach(streams{strings.NewReader(stdin), &out, &diagnostics})
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&diagnostics)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	if err == nil {
		return out.String(), harness.ExitPass, nil
	}
	e, ok := errors.AsType[*exitError](err)
	if !ok {
		t.Fatalf("leaklab attach %q: %v without an exit code", args, err)
	}
	return out.String(), e.code, e
}

// fast are the flags of a run as short as a verdict allows. It ends when that is
// settled: the time is for a machine that is busy with more.
func fast(t *testing.T, url string) (args []string, dir string) {
	dir = filepath.Join(t.TempDir(), "out")
	return []string{"--url", url, "--rate", "1000/s", "--segment", "50", "--max-time", "2m", "--out", dir, "--quiet"}, dir
}

func TestAttachFindsALeak(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	args, dir := fast(t, startService(t))
	const secret = "c2VjcmV0" // "secret"
	requests := `{"method": "POST", "url": "/notes/{{seq}}", "header": {"Authorization": ["` + secret + `"]}, "body": "` + secret + `"}`
	out, code, err := runAttach(t, requests, append(args, "--requests", "-")...)
	if code != harness.ExitLeak {
		t.Fatalf("exit code %d, %v, want %d:\n%s", code, err, harness.ExitLeak, out)
	}
	record, readErr := journal.Read(dir)
	if readErr != nil {
		t.Fatal(readErr)
	}
	v := record.Variants[0]
	if v.Verdict.Outcome != harness.Fail || v.Gauge != harness.GaugePprof || v.Load.Errors > 0 {
		t.Errorf("outcome %s, gauge %s, %d errors; want fail, pprof, none", v.Verdict.Outcome, v.Gauge, v.Load.Errors)
	}
	if slope := *v.Verdict.SlopeBytesPerRequest; slope < 2000 || slope > 2500 {
		t.Errorf("slope %.0f bytes a request, want about 2 KiB", slope)
	}
	if len(v.Blame) == 0 || !strings.HasSuffix(v.Blame[0].Function, ".keep") {
		t.Errorf("blame %+v, want keep first", v.Blame)
	}
	for _, name := range []string{"run.json", "journal.jsonl", "report.md"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(secret)) || bytes.Contains(text, []byte("secret")) {
			t.Errorf("%s holds a header or a body of a request", name)
		}
	}
}

func TestAttachAcquitsAndLeavesTheServiceAlone(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	url := startService(t)
	args, _ := fast(t, url)
	out, code, err := runAttach(t, "", append(args, "--pprof", url+"/debug/pprof/", "--request", "GET /notes/{{seq}}", "--no-replay")...)
	if code != harness.ExitPass {
		t.Fatalf("exit code %d, %v, want %d:\n%s", code, err, harness.ExitPass, out)
	}
	answer, getErr := http.Get(url + "/notes/")
	if getErr != nil {
		t.Fatal(getErr)
	}
	answer.Body.Close()
}

func TestAttachSaysWhatCannotBeMeasured(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	service := startService(t)
	for name, test := range map[string]struct {
		args       []string
		want, hint string
	}{
		"no profiles":       {[]string{"--url", plain.URL, "--request", "GET /"}, "/debug/pprof/heap?debug=1: status 404", `import _ "net/http/pprof"`},
		"nothing but 404s":  {[]string{"--url", plain.URL, "--pprof", service, "--request", "GET /x"}, "nothing was measured: request 31, GET /x: ", "--request"},
		"nobody there":      {[]string{"--url", "http://127.0.0.1:1", "--pprof", service, "--request", "GET /x"}, "nothing was measured: request 31, GET /x: ", "--url"},
		"wrong method only": {[]string{"--url", service, "--request", "PUT /notes/1"}, "405 Method Not Allowed", "--request"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		_, code, err := runAttach(t, "", append(test.args, "--out", dir)...)
		if code != harness.ExitNotRun || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.hint, test.hint) {
			t.Errorf("%s: exit code %d, %v, hint %q; want %d, %s, %s", name, code, err, err.hint, harness.ExitNotRun, test.want, test.hint)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: a record was begun", name)
		}
	}
}

func TestAttachRefusesMistakes(t *testing.T) {
	t.Parallel()
	const here = "http://127.0.0.1:1"
	for want, args := range map[string][]string{
		"--url is missing":                            {"--request", "GET /"},
		"no request to send":                          {"--url", here},
		"did you mean {{seq}}?":                       {"--url", here, "--request", "GET /{{sec}}"},
		"-:1: json: unknown field":                    {"--url", here, "--requests", "-"},
		"--requests: open nowhere":                    {"--url", here, "--requests", "nowhere"},
		"want requests per time":                      {"--url", here, "--request", "GET /", "--rate", "fast"},
		"load.connections = 0":                        {"--url", here, "--request", "GET /", "--connections", "0"},
		"load.segment = 0":                            {"--url", here, "--request", "GET /", "--segment", "0"},
		"load.max_time":                               {"--url", here, "--request", "GET /", "--max-time", "1ms"},
		"--memory-ceiling":                            {"--url", here, "--request", "GET /", "--memory-ceiling", "much"},
		"want scheme, host, port and at most a path":  {"--url", here + "/x?token=secret", "--request", "GET /", "--pprof", here},
		"--pprof: gauge":                              {"--url", here, "--request", "GET /", "--pprof", "localhost:6060"},
		"at 300/s (at most 13 500); before it 1 800":  {"--url", "http://192.0.2.1", "--request", "GET /"},
		"(at most 13 500), none of them twice":        {"--url", here, "--pprof", "http://192.0.2.1", "--request", "GET /", "--no-replay"},
		`--load "vegeta": want self or none`:          {"--url", here, "--load", "vegeta"},
		"--rate means nothing with --load none":       {"--url", here, "--load", "none", "--rate", "1/s"},
		"--count-from means nothing with --load self": {"--url", here, "--request", "GET /", "--count-from", here + "#x"},
		"--segment-time = 1ms, want 100ms to":         {"--url", here, "--load", "none", "--segment-time", "1ms"},
		"--keys means nothing in KiB allocated":       {"--url", here, "--load", "none", "--keys", "5"},
		"--count-from: counter":                       {"--url", here, "--load", "none", "--count-from", here},
		"nothing but questions for its profiles":      {"--url", "http://192.0.2.1", "--load", "none"},
		"load.patience = -1s, want 0s to 24h":         {"--url", here, "--request", "GET /", "--patience", "-1s"},
		"load.patience = 48h0m0s, want 0s to 24h":     {"--url", here, "--request", "GET /", "--patience", "48h"},
		"--patience means nothing with --load none":   {"--url", here, "--load", "none", "--patience", "1s"},
		"--patience means nothing with --no-replay":   {"--url", here, "--request", "GET /", "--no-replay", "--patience", "1s"},
		`--on-inconclusive "maybe"`:                   {"--url", here, "--request", "GET /", "--on-inconclusive", "maybe"},
	} {
		_, code, err := runAttach(t, `{"timeout": 1}`, args...)
		text := strings.NewReplacer("\u202f", " ", "\u2009", " ", "\u00a0", " ").Replace(err.Error())
		if code != harness.ExitUsage || !strings.Contains(text, want) || strings.Contains(text, "secret") {
			t.Errorf("%q: exit code %d, %v; want %d, %s", args, code, err, harness.ExitUsage, want)
		}
	}
}

// The first requests and the measurement share one stream: no number comes twice
// but in a replay.
func TestAttachNumbersRequestsOnce(t *testing.T) {
	t.Parallel()
	a := reached(t, attachOptions{url: startService(t), requests: []string{"GET /notes/{{seq}}"}})
	want := fmt.Sprintf("/notes/%d", a.sent) // more than one where the machine is busy
	if got := a.plan(nil).Stream.Request(0).Path; got != want || a.sent < 1 {
		t.Errorf("after the first requests the measurement begins with %s, want %s", got, want)
	}
}

// reached is an attachment that has looked at its service.
func reached(t *testing.T, o attachOptions) *attachment {
	t.Helper()
	o.load, o.rate, o.connections, o.segment, o.maxTime = loadSelf, "300/s", 32, 100, 45*time.Second
	a, err := o.attachment()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	t.Cleanup(a.gauge.Close)
	if err := a.reach(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSegmentsHaveAsManyOfEachRequest(t *testing.T) {
	for requests, want := range map[int]int{1: 100, 3: 102, 10: 100, 60: 120, 100: 100, 1000: 100} {
		s, err := attachOptions{rate: "300/s", connections: 32, segment: 100, maxTime: 45e9}.scenario(requests)
		if err != nil || s.Load.Segment != want {
			t.Errorf("%d requests: segments of %d, %v; want %d", requests, s.Load.Segment, err, want)
		}
	}
}

func TestPatienceIsTheScenarios(t *testing.T) {
	flag := newAttach(streams{}).Flag("patience")
	if left := harness.DefaultLoad().Patience.String(); flag == nil || flag.DefValue != left {
		t.Errorf("--patience is %+v, want %s where it is left out", flag, left)
	}
	s, err := attachOptions{rate: "300/s", connections: 32, segment: 100, maxTime: 45e9, patience: 20e9}.scenario(1)
	if want := harness.Duration(20e9); err != nil || s.Load.Patience != want {
		t.Errorf("patience %s, %v; want %s", s.Load.Patience, err, want)
	}
}
