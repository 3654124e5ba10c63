package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/target"
	"github.com/leaklab/leaklab/harness/target/limit"
)

// programs starts the target of each variant: this very program for a built-in
// handler, the user's command for the others.
type programs struct {
	builtIn selfTargets
	// dir is that of the scenario's file, logDir takes the output of commands, a
	// file each.
	dir, logDir string
	requests    *requests
	warn        io.Writer
	ports       target.Ports
}

// Start starts the target of a variant.
func (p *programs) Start(ctx context.Context, v harness.Variant, at backend.Endpoints) (lab.Target, error) {
	if v.BuiltIn() {
		return p.builtIn.Start(ctx, v, at)
	}
	c, err := p.program(v, at)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	if err := c.prepare(ctx); err != nil {
		_ = c.Stop(stopGrace) // what went wrong is told already
		return nil, err
	}
	return c, nil
}

// stopGrace is how long a command may take to end that the run cannot use.
const stopGrace = 3 * time.Second

// program is the command of a variant as it runs.
type program struct {
	*target.Process
	programs *programs
	variant  harness.Variant
	places   target.Places
	// env is the variant's environment, and what its steps have printed.
	env    map[string]string
	stream harness.Stream
	gauge  lab.Gauge
	after  sync.Once
}

func (c *program) URL() string      { return "http://" + c.App() }
func (c *program) Gauge() lab.Gauge { return c.gauge }

// Stream is the scenario's requests, with what the variant's steps have printed.
func (c *program) Stream() harness.Stream { return c.stream }

// program is the command of a variant before it runs, with the ports that it is told.
func (p *programs) program(v harness.Variant, at backend.Endpoints) (*program, error) {
	c := &program{programs: p, variant: v, env: map[string]string{}}
	c.places = target.Places{RedisURL: at.RedisURL, DatabaseURL: at.DatabaseURL, Env: c.lookup}
	var err error
	if c.places.PprofPort, err = p.ports.Free(); err != nil {
		return nil, err
	}
	if !v.Announces() {
		if c.places.AppPort, err = p.ports.Free(); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Env)) {
		if c.env[name], err = c.places.Expand(v.Env[name]); err != nil {
			return nil, fmt.Errorf("env.%s: %w", name, err)
		}
	}
	return c, nil
}

// lookup is the value of {{env NAME}}: what a step printed, else of this process.
func (c *program) lookup(name string) (string, bool) {
	if value, ok := c.env[name]; ok {
		return value, true
	}
	return os.LookupEnv(name)
}

// start starts the program and waits until it is ready.
func (c *program) start(ctx context.Context) error {
	guarded, err := c.guarded(c.variant.Command, c.variant.Name+".log")
	if err != nil {
		return err
	}
	settings, _ := c.lookup(godebug)
	guarded.Env = append(guarded.Env, godebug+"="+sampledFinely(settings))
	ready := target.Readiness{Log: c.variant.Ready.Log, Timeout: time.Duration(c.variant.Ready.Timeout)}
	if ready.URL, err = c.places.Expand(c.variant.Ready.HTTP); err != nil {
		return fmt.Errorf("ready.http: %w", err)
	}
	if c.places.AppPort != 0 {
		ready.App = loopback(c.places.AppPort)
	}
	if strings.Contains(c.variant.Pprof+c.variant.Probe, "pprof_port") {
		ready.Also = loopback(c.places.PprofPort)
	}
	if most := c.programs.builtIn.limit; most > 0 {
		guarded.Limit = limit.New(most)
	}
	if c.Process, err = target.StartGuarded(ctx, guarded, ready); err != nil {
		return err
	}
	if c.places.AppPort == 0 {
		c.places.AppPort = netip.MustParseAddrPort(c.App()).Port() // for what follows
	}
	return nil
}

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// guarded is a command of the variant, with its placeholders filled in.
func (c *program) guarded(words []string, log string) (target.Guarded, error) {
	g := target.Guarded{Name: c.variant.Name, Dir: pathIn(c.programs.dir, c.variant.Dir)}
	if c.programs.logDir != "" {
		g.LogPath = filepath.Join(c.programs.logDir, log)
	}
	for i, word := range words {
		filled, err := c.places.Expand(word)
		if err != nil {
			return g, fmt.Errorf("word %d of the command: %w", i, err)
		}
		g.Command = append(g.Command, filled)
	}
	for _, name := range slices.Sorted(maps.Keys(c.env)) {
		g.Env = append(g.Env, name+"="+c.env[name])
	}
	var err error
	g.Guard, err = guard()
	return g, err
}

// prepare runs what is to run before the load, fills in what it printed, and finds
// out how the program can be read.
func (c *program) prepare(ctx context.Context) error {
	for i, step := range c.variant.Before {
		if err := c.before(ctx, i, step); err != nil {
			return fmt.Errorf("before[%d]: %w", i, err)
		}
	}
	var err error
	if c.stream, err = c.programs.requests.read(c.lookup); err != nil {
		return err
	}
	if c.variant.Gauge() == harness.GaugeProbe {
		c.gauge, err = c.probe()
	} else {
		c.gauge, err = c.pprof(ctx)
	}
	return err
}

// probe is the gauge for the probe that the program has: where the scenario says,
// or else where the program said.
func (c *program) probe() (lab.Gauge, error) {
	address, err := c.places.Expand(c.variant.Probe)
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	if address == "" {
		address = "http://" + c.Probe()
	}
	return gauge.New(address, c.Pid()), nil
}

// pprof is the gauge for net/http/pprof: where the scenario says, or else where
// the application is.
func (c *program) pprof(ctx context.Context) (lab.Gauge, error) {
	address, err := c.places.Expand(c.variant.Pprof)
	if err != nil {
		return nil, fmt.Errorf("pprof: %w", err)
	}
	if address == "" {
		address = c.URL()
	}
	g, err := gauge.NewPprof(address, c.Pid(), nil)
	if err != nil {
		return nil, fmt.Errorf("pprof: %w", err)
	}
	if err := g.Check(ctx); err != nil {
		return nil, fmt.Errorf(`%w; want net/http/pprof in the service (import _ "net/http/pprof"), and pprof: %s in the scenario where it is not served with the application`,
			err, "http://127.0.0.1:{{pprof_port}}")
	}
	g.FindProcess(ctx) // of a command that is a wrapper, the service's own
	return g, nil
}
