package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far a run is: bars on a terminal, plain lines elsewhere,
// nothing where nothing is wanted.
type progress struct {
	w     io.Writer // nil: say nothing
	began time.Time
	phase lab.Phase
	said  time.Time

	bars *mpb.Progress // nil: plain lines
	bar  *mpb.Bar
	// left and right are the strings beside the bar, which it draws from a
	// goroutine of its own.
	left, right atomic.Value
}

// lineInterval is the least time between two plain lines of one phase.
const lineInterval = 2 * time.Second

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, began: time.Now()}
	if quiet {
		p.w = nil
		return p
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width >= minWidth {
			p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(30))
		}
	}
	return p
}

// minWidth is the narrowest terminal that a bar is drawn on.
const minWidth = 60

// show shows where the run is.
func (p *progress) show(now lab.Progress) {
	switch {
	case p.w == nil:
	case p.bars != nil:
		p.draw(now)
	default:
		p.print(now)
	}
}

func (p *progress) print(now lab.Progress) {
	due := now.Phase != p.phase || now.Note != "" || time.Since(p.said) >= lineInterval
	if !due {
		return
	}
	p.phase, p.said = now.Phase, time.Now()
	line := string(now.Phase)
	if now.Phase == lab.Measuring {
		line = fmt.Sprintf("segment %d of %d to %d", now.Segment, now.Min, now.Max)
	}
	for _, extra := range []string{standings(now.Variants), now.Note} {
		if extra != "" {
			line += "  " + extra
		}
	}
	fmt.Fprintf(p.w, "%5.1f s  %s\n", time.Since(p.began).Seconds(), line)
}

func (p *progress) draw(now lab.Progress) {
	if now.Note != "" {
		fmt.Fprintln(p.bars, now.Note)
	}
	p.left.Store(string(now.Phase) + " ")
	if now.Variants != nil || p.bar == nil {
		p.right.Store(summary(now.Variants))
	}
	if p.bar == nil {
		p.bar = p.bars.New(int64(now.Max), mpb.BarStyle(),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.left.Load().(string) })),
			mpb.AppendDecorators(decor.CountersNoUnit("%d / %d  "), decor.Any(func(decor.Statistics) string { return p.right.Load().(string) })))
	}
	// Most runs settle in three times the fewest segments; only one that does not
	// shows how long it may take.
	total := 3 * now.Min
	if now.Segment >= total {
		total = now.Max
	}
	p.bar.SetTotal(int64(total), false)
	p.bar.SetCurrent(int64(now.Segment))
}

// close ends the display; the result is printed after it.
func (p *progress) close() {
	if p.bar != nil {
		p.bar.Abort(true)
	}
	if p.bars != nil {
		p.bars.Wait()
	}
}

// summary is how many verdicts are settled, and what leaks, for the end of a bar.
func summary(variants []lab.Standing) string {
	if len(variants) == 0 {
		return ""
	}
	settled, leaks := 0, ""
	for _, v := range variants {
		if v.Next == "" {
			settled++
		}
		if v.Verdict.Outcome == harness.Fail {
			leaks += " · " + v.Name + " " + strings.ToUpper(string(v.Verdict.Class))
		}
	}
	return fmt.Sprintf("%d of %d settled%s", settled, len(variants), leaks)
}

// standings is where the variants stand, in a line.
func standings(variants []lab.Standing) string {
	parts := make([]string, 0, len(variants))
	for _, v := range variants {
		state := "?"
		switch {
		case v.Next != "" && v.Next != harness.Fresh:
			state = string(v.Next)
		case v.Next != "":
		case v.Verdict.Outcome == harness.Pass:
			state = "clean"
		case v.Verdict.Outcome == harness.Fail:
			state = strings.ToUpper(string(v.Verdict.Class))
		default:
			state = string(v.Verdict.Outcome)
		}
		text := v.Name + " " + state
		if slope := v.Verdict.SlopeBytesPerRequest; slope != nil && state != "clean" {
			text += " " + harness.FormatBytes(*slope) + "/request"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}
