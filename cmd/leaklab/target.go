package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/probe"
	"github.com/leaklab/leaklab/harness/selftest"
	"github.com/leaklab/leaklab/harness/target"
	"github.com/leaklab/leaklab/harness/target/limit"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/spf13/cobra"
)

// targetCommand is the hidden subcommand that makes this program a target.
const targetCommand = "target"

// targetConfig says what a target serves. It is sent over standard input, for
// the URLs may hold passwords.
type targetConfig struct {
	Handler string            `json:"handler"`
	Data    map[string]any    `json:"data"`
	At      backend.Endpoints `json:"at"`
}

func newTarget(s streams) *cobra.Command {
	return &cobra.Command{
		Use:    targetCommand,
		Short:  "Serve a built-in handler as a target; the lab starts it",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			// The lab ends its targets; a terminal's Ctrl-C is not for them.
			err := target.Serve(context.Background(), target.Options{
				Stdin:  s.in,
				Stdout: s.out,
				New:    newHandler,
				Probe:  probe.Handler(),
			})
			if err != nil {
				return notRun(err, "leaklab run --help")
			}
			return nil
		},
	}
}

// newHandler makes the built-in handler, or the program of the self-test, that a
// configuration names.
func newHandler(ctx context.Context, config json.RawMessage) (http.Handler, func() error, error) {
	var c targetConfig
	decoder := json.NewDecoder(bytes.NewReader(config))
	if err := decoder.Decode(&c); err != nil {
		return nil, nil, fmt.Errorf("configuration of the target: %w", err)
	}
	if app, ok := selftest.Handler(c.Handler); ok {
		return app, nil, nil
	}
	of, handler, ok := scenarios.Lookup(c.Handler)
	if !ok {
		return nil, nil, fmt.Errorf("no handler %q", c.Handler)
	}
	data, err := of.Decode(c.Data)
	if err != nil {
		return nil, nil, err
	}
	return handler.New(ctx, scenarios.Env{Endpoints: c.At, Data: data})
}

// selfTargets starts this very program as the target of each variant.
type selfTargets struct {
	data map[string]any
	// logDir takes the targets' standard error, a file a variant; empty: none.
	logDir string
	// limit is the memory that a target may take; 0: any.
	limit harness.Bytes
}

// Start starts the target of a variant.
func (t selfTargets) Start(ctx context.Context, v harness.Variant, at backend.Endpoints) (lab.Target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(targetConfig{Handler: v.Handler, Data: t.data, At: at})
	if err != nil {
		return nil, err
	}
	command := target.Command{Name: v.Name, Path: self, Args: []string{targetCommand}, Config: config}
	if t.logDir != "" {
		command.LogPath = filepath.Join(t.logDir, v.Name+".log")
	}
	if t.limit > 0 {
		command.Limit = limit.New(t.limit)
	}
	p, err := target.Start(ctx, command)
	if err != nil {
		return nil, err
	}
	return process{Process: p, gauge: gauge.New("http://"+p.Probe(), p.Pid())}, nil
}

// process is a target that is a process of this machine with a probe in it.
type process struct {
	*target.Process
	gauge *gauge.Gauge
}

func (p process) URL() string      { return "http://" + p.App() }
func (p process) Gauge() lab.Gauge { return p.gauge }
