//go:build unix

package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/judge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/probe"
	"github.com/leaklab/leaklab/harness/target"
)

// TestMain makes the test binary a target where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "target" {
		err := target.Serve(context.Background(), target.Options{
			Stdin: os.Stdin, Stdout: os.Stdout, New: newProgram, Probe: probe.Handler(),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func newProgram(_ context.Context, config json.RawMessage) (http.Handler, func() error, error) {
	var name string
	if err := json.Unmarshal(config, &name); err != nil {
		return nil, nil, err
	}
	app, ok := Handler(name)
	if !ok {
		return nil, nil, fmt.Errorf("no program %q", name)
	}
	return app, nil, nil
}

// targets starts the test binary as the target of each program.
type targets struct{}

type process struct {
	*target.Process
	gauge *gauge.Gauge
}

func (p process) URL() string      { return "http://" + p.App() }
func (p process) Gauge() lab.Gauge { return p.gauge }

func (targets) Start(ctx context.Context, v harness.Variant, _ backend.Endpoints) (lab.Target, error) {
	config, err := json.Marshal(v.Handler)
	if err != nil {
		return nil, err
	}
	p, err := target.Start(ctx, target.Command{Name: v.Name, Path: os.Args[0], Args: []string{"target"}, Config: config})
	if err != nil {
		return nil, err
	}
	return process{Process: p, gauge: gauge.New("http://"+p.Probe(), p.Pid())}, nil
}

// In processes of their own the lab catches the planted leak, at its size, and
// passes its twin.
func TestTheLabTellsThePlantedLeakFromItsTwin(t *testing.T) {
	verdicts, err := inLab(targets{})(t.Context(), plantedLeak, cleanTwin)
	if err != nil {
		t.Fatal(err)
	}
	leak, twin := verdicts[0], verdicts[1]
	if leak.Outcome != harness.Fail || leak.Class != harness.Leak || leak.Driver != harness.PerRequest {
		t.Errorf("the planted leak: %+v", leak)
	}
	if bytes, objects := *leak.SlopeBytesPerRequest, *leak.ObjectsPerRequest; math.Abs(bytes-32) > judge.ProbeFloor.BytesPerRequest ||
		math.Abs(objects-1) > judge.ProbeFloor.ObjectsPerRequest {
		t.Errorf("the planted leak keeps %v B in %v objects a request, want 32 B in 1", bytes, objects)
	}
	if twin.Outcome != harness.Pass {
		t.Errorf("its clean twin: %+v", twin)
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		result, warnings, err := Run(b.Context(), targets{}, make(chan struct{}))
		if err != nil || !result.Trusted() {
			b.Errorf("%+v, warnings %v: %v", result, warnings, err)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if result, _, err := Run(ctx, targets{}, nil); result != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v: want the end of the context", result, err)
	}
}
