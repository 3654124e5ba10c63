package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/build"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/sweep"
	"github.com/leaklab/leaklab/scenarios"
	"github.com/spf13/cobra"
)

// sweeping is a sweep at work.
type sweeping struct {
	cmd     *cobra.Command
	streams streams
	options sweepOptions
	name    string // the scenario's, or its file
	dir     string
	sweep   sweep.Sweep
	// resolved is the scenario of each point, with the point's variant alone.
	resolved []scenarios.Resolved
	began    time.Time
	ran      int // points that this command has run
}

// prepare makes the grid and checks the scenario of every point before the first
// is run.
func (w *sweeping) prepare(axes []sweep.Axis) error {
	// The scenario's own variants, whatever the first values make of the rest.
	base, err := w.resolve(firstOf(axes))
	if err != nil {
		return err
	}
	variants, err := chosen(base.Scenario.Variants, w.options.variants)
	if err != nil {
		return err
	}
	points, err := sweep.Grid(axes, variants)
	if err != nil {
		return err
	}
	for _, p := range points {
		resolved, err := w.resolve(p.Settings)
		if err != nil {
			return err
		}
		if resolved, err = alone(resolved, p.Variant); err != nil {
			return err
		}
		sent := &requests{scenario: resolved.Scenario, dir: filepath.Dir(w.name)}
		if err := sent.check(); err != nil {
			return err
		}
		w.resolved = append(w.resolved, resolved)
	}
	w.sweep = sweep.Sweep{
		Schema: sweep.Schema, Scenario: base.Scenario.Name, About: base.Scenario.About, StartedAt: time.Now().UTC().Truncate(time.Millisecond),
		Command: w.options.run.command, Axes: axes, Load: base.Scenario.Load,
		LatencySeconds: w.options.latency.Seconds(), Points: points,
	}
	return nil
}

// resolve reads the scenario with a point's values.
func (w *sweeping) resolve(settings []sweep.Setting) (scenarios.Resolved, error) {
	o := w.options.run
	o.sets = slices.Clone(o.sets)
	for _, s := range settings {
		o.sets = append(o.sets, s.Key+"="+s.Value)
	}
	return o.resolve(w.cmd, w.name)
}

// firstOf is the first value of each axis.
func firstOf(axes []sweep.Axis) []sweep.Setting {
	var settings []sweep.Setting
	for _, a := range axes {
		settings = append(settings, sweep.Setting{Key: a.Key, Value: a.Values[0]})
	}
	return settings
}

// chosen are the names of the variants that are asked for, in the scenario's
// order: all where none is.
func chosen(variants []harness.Variant, asked []string) ([]string, error) {
	var names, known []string
	for _, v := range variants {
		known = append(known, v.Name)
		if len(asked) == 0 || slices.Contains(asked, v.Name) {
			names = append(names, v.Name)
		}
	}
	for _, name := range asked {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("--variants %s: want some of %s", name, strings.Join(known, ", "))
		}
	}
	return names, nil
}

// alone is a scenario with one of its variants.
func alone(r scenarios.Resolved, variant string) (scenarios.Resolved, error) {
	i := slices.IndexFunc(r.Scenario.Variants, func(v harness.Variant) bool { return v.Name == variant })
	if i < 0 {
		return r, fmt.Errorf("variant %q is not in the scenario at every value", variant)
	}
	r.Scenario.Variants = r.Scenario.Variants[i : i+1 : i+1]
	return scenarios.Resolve(r.Scenario)
}

// points runs the points that are to do, one after the other. What was measured is
// saved after each.
func (w *sweeping) points(ctx context.Context) error {
	w.began = time.Now()
	for i := range w.sweep.Points {
		p := &w.sweep.Points[i]
		if p.State == sweep.Done {
			continue
		}
		if p.Skipped = sweep.Ceiling(w.sweep.Points, *p); p.Skipped != "" {
			p.State = sweep.Skipped
			w.say(i, "skipped: "+p.Skipped)
			continue
		}
		w.say(i, "")
		err := w.point(ctx, i)
		if ctx.Err() != nil {
			return nil // to be interrupted is no failure
		}
		if _, ok := errors.AsType[*build.Error](err); ok {
			return notBuilt(fmt.Errorf("%s: %w", p.Name, err))
		}
		if err != nil {
			return notRun(fmt.Errorf("%s: %w", p.Name, err), cmp.Or(w.options.run.startHint(err, w.dirOf(*p)), w.again()))
		}
		w.ran++
		if err := w.save(); err != nil {
			return notRun(err, w.again())
		}
	}
	w.sweep.Complete = true
	return nil
}

// point runs a point. When ctx ends it is still to do, and leaves nothing.
func (w *sweeping) point(ctx context.Context, i int) error {
	p, resolved, o := &w.sweep.Points[i], w.resolved[i], w.options.run
	sent := &requests{scenario: resolved.Scenario, dir: filepath.Dir(w.name)}
	built, remove, err := buildPrograms(ctx, sent.dir, resolved.Scenario.Variants, func(string) {})
	defer remove()
	if err != nil {
		return err
	}
	j, err := journal.Create(w.dirOf(*p), true)
	if err != nil {
		return err
	}
	defer j.Close()
	stream := sent.stream(resolved)
	flood := &flood{
		ctx: ctx, stream: stream, timeout: time.Duration(resolved.Scenario.Load.Timeout),
		ceiling: func() harness.Bytes { return j.Record().Spec.MemoryCeiling },
	}
	parts := o.parts(resolved.Scenario, sent, j, w.streams.err)
	if w.floods(i) {
		flood.steps = []sweep.Step{}
		parts.Targets = floodedTargets{parts.Targets, flood}
	}
	if w.ran > 0 {
		parts.SelfTest = nil // the first point has shown it
	}
	began := time.Now()
	record, err := lab.Run(ctx, o.plan(resolved, built, stream), parts)
	if ctx.Err() != nil {
		return j.Discard()
	}
	if err != nil {
		return errors.Join(err, j.Discard())
	}
	p.State, p.Seconds, p.Figures, p.Steps = sweep.Done, time.Since(began).Seconds(), sweep.Of(record), flood.steps
	w.sweep.Environment = record.Environment
	return w.keep(j)
}

// floods tells whether the highest rate of a point is searched for.
func (w *sweeping) floods(i int) bool {
	return !w.options.noFlood && w.resolved[i].Scenario.Variants[0].Expect.OrDefault() != harness.ExpectLeak
}

// say tells what is done next, and how long all takes. The estimate ends the line.
func (w *sweeping) say(i int, what string) {
	if w.options.run.quiet {
		return
	}
	p := w.sweep.Points[i]
	line := fmt.Sprintf("%5.1f s  %d of %d  %s", time.Since(w.began).Seconds(), i+1, len(w.sweep.Points), p.Name)
	if what != "" {
		line += "  " + what
	} else if left, ok := sweep.SecondsLeft(w.sweep.Points); ok {
		line += fmt.Sprintf("  about %s left", (time.Duration(left) * time.Second).Round(time.Second))
	}
	io.WriteString(w.streams.err, line+"\n")
}
