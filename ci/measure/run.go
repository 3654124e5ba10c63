package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/probe"
	"github.com/leaklab/leaklab/harness/target"
	"golang.org/x/sync/errgroup"
)

// ceiling bounds the footprint of a target: a batch of six fits 8 GiB. What is
// clean here stays below a tenth of it in a flood.
const ceiling = harness.GiB

// measurement is a measurement under way.
type measurement struct {
	name string
	options
	log io.Writer
}

// run takes the verdicts in batches until each service has as many as asked, the
// time is used up, or ctx ends.
func (m measurement) run(ctx context.Context, services []service) error {
	if err := os.MkdirAll(filepath.Dir(m.file), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(m.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	began := time.Now()
	batches := batches(services, m.runs, m.batch)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(m.parallel)
	var writing sync.Mutex
	done := 0
	for i, batch := range batches {
		g.Go(func() error {
			if ctx.Err() != nil || time.Since(began) > m.maxTime {
				return nil
			}
			lines, err := m.verdicts(ctx, i, batch)
			if err != nil {
				return err
			}
			writing.Lock()
			defer writing.Unlock()
			done++
			fmt.Fprintf(m.log, "run %d of %d: %s\n", done, len(batches), summary(lines))
			return appendLines(file, lines)
		})
	}
	err = g.Wait()
	if done < len(batches) {
		fmt.Fprintf(m.log, "stopped after %d of %d runs\n", done, len(batches))
	}
	return err
}

// batches deals the services, each as often as asked, into runs of a size. No
// service is twice in one, and who runs beside whom changes from run to run.
func batches(services []service, each, size int) [][]service {
	var dealt [][]service
	total := each * len(services)
	for from := 0; from < total; from += size {
		var batch []service
		for i := from; i < min(from+size, total); i++ {
			batch = append(batch, services[i%len(services)])
		}
		dealt = append(dealt, batch)
	}
	return dealt
}

// verdicts runs the i-th batch once. A run that ctx has cut short gives none. The
// record stays beside the file where a verdict is not the expected one.
func (m measurement) verdicts(ctx context.Context, i int, batch []service) ([]line, error) {
	began := time.Now()
	dir := filepath.Join(filepath.Dir(m.file), "runs", fmt.Sprintf("%s-%s-%d", m.name, began.UTC().Format("20060102-150405.000"), i))
	j, err := journal.Create(dir, false)
	if err != nil {
		return nil, err
	}
	record, err := lab.Run(ctx, m.plan(batch), lab.Parts{Targets: targets{continuous: m.continuous}, Journal: j})
	if err := errors.Join(err, j.Close()); err != nil {
		return nil, err
	}
	var lines []line
	expected := true
	if record.Complete {
		for _, v := range record.Variants {
			lines = append(lines, m.line(record, v))
			expected = expected && v.AsExpected
		}
	}
	if expected {
		err = os.RemoveAll(dir)
	}
	return lines, err
}

// plan is a run of a batch at the default load, but for what the flags say.
func (m measurement) plan(batch []service) lab.Plan {
	p := lab.Plan{
		Scenario: harness.Scenario{Name: m.name, Load: harness.DefaultLoad(), MemoryCeiling: ceiling},
		Stream:   stream{},
	}
	p.Scenario.Load.Rate, p.Scenario.Load.Segment = m.rate, m.segment
	expect := harness.ExpectClean
	if m.name == sensitivity {
		expect = harness.ExpectLeak
	}
	for _, s := range batch {
		v := harness.Variant{Name: s.name, Handler: s.name, Expect: expect}
		p.Scenario.Variants = append(p.Scenario.Variants, v)
		variant := lab.Variant{Variant: v}
		if m.continuous {
			variant.Gauge = harness.GaugeContinuous
		}
		p.Variants = append(p.Variants, variant)
	}
	return p
}

// targetCommand makes this program a target.
const targetCommand = "target"

// serveTarget serves one of the services until the lab is done with it.
func serveTarget() error {
	return target.Serve(context.Background(), target.Options{
		Stdin: os.Stdin, Stdout: os.Stdout, New: newHandler, Probe: probe.Handler(),
	})
}

// targets starts this very program as the target of each service.
type targets struct{ continuous bool }

func (t targets) Start(ctx context.Context, v harness.Variant, _ backend.Endpoints) (lab.Target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(v.Handler)
	if err != nil {
		return nil, err
	}
	p, err := target.Start(ctx, target.Command{Name: v.Name, Path: self, Args: []string{targetCommand}, Config: config})
	if err != nil {
		return nil, err
	}
	var read lab.Gauge = gauge.New("http://"+p.Probe(), p.Pid())
	if t.continuous {
		read = gauge.Continuous{Running: read}
	}
	return process{Process: p, gauge: read}, nil
}

// process is a target with a probe in it.
type process struct {
	*target.Process
	gauge lab.Gauge
}

func (p process) URL() string      { return "http://" + p.App() }
func (p process) Gauge() lab.Gauge { return p.gauge }
