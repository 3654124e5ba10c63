package leaktest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/probe"
	"github.com/leaklab/leaklab/harness/target"
)

// servedVariable is the environment variable that makes a test binary a child
// process. It holds the call whose handler is to be served.
const servedVariable = "LEAKLAB_LEAKTEST"

var (
	// served is the call whose handler this process serves; zero in no child.
	served call
	// announceTo is where a child says that it listens.
	announceTo = os.Stdout
)

// A child gives its standard output to that announcement alone, from before the
// tests are run: what they print, why one failed above all, goes to standard
// error, which ends up in the report. The variable is not for its own children.
func init() {
	value, ok := os.LookupEnv(servedVariable)
	if !ok {
		return
	}
	// A value that is no call is served by none: the test then ends by itself.
	_, _ = fmt.Sscanf(value, "%d", &served.number)
	_, served.test, _ = strings.Cut(value, " ")
	os.Unsetenv(servedVariable)
	os.Stdout = os.Stderr
}

// isChild tells whether this process is there to serve a handler.
func isChild() bool { return served != call{} }

// cleanUpTime is what a child's clean-ups may take once it need not serve any
// more. The lab kills it after 3 s, of which requests under way may take 2.
const cleanUpTime = time.Second

// serve makes the process a target until the lab ends it. It does not return.
func serve(t testing.TB, newHandler func() http.Handler) {
	err := target.Serve(context.Background(), target.Options{
		Stdin:  os.Stdin,
		Stdout: announceTo,
		New: func(context.Context, json.RawMessage) (http.Handler, func() error, error) {
			return newHandler(), nil, nil
		},
		Probe: probe.Handler(),
	})
	time.AfterFunc(cleanUpTime, func() { os.Exit(0) })
	if err != nil {
		t.Fatal(err)
	}
	t.SkipNow()
}

// children starts this test binary as the target of a call.
type children struct {
	call call
	dir  string // takes the child's standard error; empty: none
}

// profileRate makes the child sample its heap finely enough to name the line that
// leaks a few bytes: with the runtime's own rate that takes megabytes of it.
const profileRate = "memprofilerate=4096"

// Start starts the child.
func (c children) Start(ctx context.Context, v harness.Variant, _ backend.Endpoints) (lab.Target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := target.Command{
		Name: v.Name,
		Path: self,
		Args: arguments(c.call.test),
		Env: []string{
			servedVariable + "=" + c.call.String(),
			"GODEBUG=" + strings.TrimPrefix(os.Getenv("GODEBUG")+","+profileRate, ","),
		},
		StartTimeout: startTime,
	}
	if c.dir != "" {
		command.LogPath = filepath.Join(c.dir, v.Name+".log")
	}
	p, err := target.Start(ctx, command)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe child process runs the test up to leaktest.Handler, and must come to the same call of it", err)
	}
	pid := p.Pid()
	if instrumented {
		pid = 0 // the kernel's figures are the detector's
	}
	return child{Process: p, gauge: gauge.New("http://"+p.Probe(), pid)}, nil
}

// arguments are those of a test binary that runs one test, with the flags that
// the test may ask for: its own, and -short.
func arguments(test string) []string {
	args := []string{"-test.run=" + pattern(test)}
	flag.Visit(func(f *flag.Flag) {
		if !strings.HasPrefix(f.Name, "test.") || f.Name == "test.short" {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	if flag.NArg() > 0 {
		args = append(append(args, "--"), flag.Args()...)
	}
	return args
}

// pattern is what -run takes for exactly one test or subtest.
func pattern(test string) string {
	levels := strings.Split(test, "/")
	for i, level := range levels {
		levels[i] = "^" + regexp.QuoteMeta(level) + "$"
	}
	return strings.Join(levels, "/")
}

// child is a test binary that serves a handler.
type child struct {
	*target.Process
	gauge *gauge.Gauge
}

func (c child) URL() string      { return "http://" + c.App() }
func (c child) Gauge() lab.Gauge { return c.gauge }
