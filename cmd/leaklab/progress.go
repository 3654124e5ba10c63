package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
	"golang.org/x/term"
)

// progress shows how far a run is: a live view on a terminal, plain lines
// elsewhere, nothing where nothing is wanted.
type progress struct {
	w     io.Writer // nil: say nothing
	live  *live     // nil: plain lines
	began time.Time
	phase lab.Phase
	said  time.Time
	// variants is where they stood last, for reports that do not tell.
	variants []lab.Standing
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
			p.live = newLive(w, colored(w))
		}
	}
	return p
}

// minWidth is the narrowest terminal that a live view is drawn on.
const minWidth = 60

// show shows where the run is.
func (p *progress) show(now lab.Progress) {
	switch {
	case p.w == nil:
	case p.live != nil:
		p.live.show(now)
	default:
		p.print(now)
	}
}

// print prints a line, unless one was printed just now.
func (p *progress) print(now lab.Progress) {
	if now.Variants != nil {
		p.variants = now.Variants
	}
	due := now.Phase != p.phase || now.Note != "" || time.Since(p.said) >= lineInterval
	if !due {
		return
	}
	p.phase, p.said = now.Phase, time.Now()
	line := string(now.Phase)
	if now.Phase == lab.Measuring {
		line = fmt.Sprintf("segment %d of at most %d", now.Segment, now.Max)
	}
	if now.Note == "" && now.Phase == lab.Measuring {
		now.Variants = p.variants
	}
	for _, extra := range []string{standings(now.Variants), now.Note} {
		if extra != "" {
			line += "  " + extra
		}
	}
	fmt.Fprintf(p.w, "%5.1f s  %s\n", time.Since(p.began).Seconds(), line)
}

// close ends the display; the result is printed after it.
func (p *progress) close() {
	if p.live != nil {
		p.live.close()
	}
}

// standings is where the variants stand, in a line.
func standings(variants []lab.Standing) string {
	parts := make([]string, 0, len(variants))
	for _, v := range variants {
		state := stateOf(v, timeLeft{})
		text := v.Name + " " + state
		if v.Verdict.SlopeBytesPerRequest != nil && state != "clean" {
			text += " " + estimate(v.Verdict) + "/request"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}

// verdictWord is a verdict in a word, what fails in capitals.
func verdictWord(v harness.Verdict) string {
	switch {
	case v.Outcome == harness.Pass:
		return "clean"
	case v.Outcome == harness.Fail && v.Class.Leaks():
		return strings.ToUpper(string(v.Class))
	case v.Outcome == harness.Fail:
		return "OVER BUDGET"
	}
	return string(v.Outcome)
}

// estimate is the growth for each request as it is known, with the larger half of
// its interval: "53.1 KiB ± 82 B".
func estimate(v harness.Verdict) string {
	if v.SlopeBytesPerRequest == nil {
		return "–"
	}
	slope := *v.SlopeBytesPerRequest
	text := harness.FormatBytes(slope)
	if v.SlopeLow != nil && v.SlopeHigh != nil {
		text += " ± " + harness.FormatBytes(max(*v.SlopeHigh-slope, slope-*v.SlopeLow))
	}
	return text
}
