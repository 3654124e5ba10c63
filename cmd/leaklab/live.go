package main

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness/lab"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// live draws on a terminal where a run is: a bar for the whole of it and a line
// for each variant. The lines are drawn from a goroutine of the library's, some
// seven times a second.
type live struct {
	w     io.Writer
	bars  *mpb.Progress
	whole *mpb.Bar
	lines []*mpb.Bar
	color bool

	mu   sync.Mutex // guards what follows
	now  lab.Progress
	pace pace
	rows []*liveRow
}

// maxLiveRows bounds the lines of a view, which must fit on a terminal.
const maxLiveRows = 16

// newLive begins a view, a line below what is there: what is erased from the top
// line of a screen on, as each view is by the next, tmux takes for a screen to
// keep in its history.
func newLive(w io.Writer, color bool) *live {
	fmt.Fprintln(w)
	return &live{w: w, bars: mpb.New(mpb.WithOutput(w), mpb.WithWidth(30)), color: color}
}

// show takes in where the run is.
func (l *live) show(now lab.Progress) {
	if now.Note != "" {
		fmt.Fprintln(l.bars, now.Note)
	}
	first := l.take(now)
	if l.whole == nil {
		l.whole = l.bars.New(int64(now.Max), mpb.BarStyle(),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return l.phase() })),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return l.summary() })))
	}
	if first {
		l.line(decor.Any(func(s decor.Statistics) string { return l.title(s.AvailableWidth) }))
		for _, row := range l.rows {
			l.line(decor.Any(func(s decor.Statistics) string { return l.body(row, s.AvailableWidth) }),
				decor.Meta(decor.Any(func(decor.Statistics) string { return l.state(row) }), func(s string) string { return l.paint(row, s) }))
		}
	}
	l.whole.SetTotal(int64(settleSegments(now)), false)
	l.whole.SetCurrent(int64(now.Segment))
}

// line adds a line without a bar.
func (l *live) line(parts ...decor.Decorator) {
	l.lines = append(l.lines, l.bars.New(0, mpb.NopStyle(), mpb.BarFillerTrim(), mpb.PrependDecorators(parts...)))
}

// take notes where the run is, and tells whether these are the first standings of
// its variants.
func (l *live) take(now lab.Progress) (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = len(l.rows) == 0 && len(now.Variants) > 0
	standings := now.Variants[:min(maxLiveRows, len(now.Variants))]
	if first {
		for range standings {
			l.rows = append(l.rows, &liveRow{})
		}
	}
	for i, s := range standings {
		l.rows[i].take(s)
	}
	l.pace.take(now, time.Now())
	if now.Variants == nil {
		now.Variants = l.now.Variants
	}
	l.now = now
	return first
}

// phase begins the first line. It returns to the first column, since the ^C that a
// terminal shows has moved the cursor from it.
func (l *live) phase() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return "\r" + string(l.now.Phase) + " "
}

// summary is the text beside the bar.
func (l *live) summary() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.now.Variants) == 0 {
		return ""
	}
	settled := 0
	for _, v := range l.now.Variants {
		if v.Next == "" {
			settled++
		}
	}
	text := fmt.Sprintf(" segment %d  %d of %d settled", l.now.Segment, settled, len(l.now.Variants))
	if rate := rateOf(l.now.Variants); rate > 0 {
		text += fmt.Sprintf("  %.0f requests/s in all", rate)
	}
	return text
}

// title is the line above the variants.
func (l *live) title(width int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := columnsFor(width, l.rows)
	return fmt.Sprintf("  %-*s  %-*s  %-*s", c.name, "variant", c.spark+1+heapColumn, "live heap", estimateColumn, "grows a request")
}

func (l *live) body(row *liveRow, width int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return row.body(columnsFor(width, l.rows))
}

func (l *live) state(row *liveRow) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return stateOf(row.standing, l.pace.left(l.now, time.Now()))
}

// paint colours a settled verdict, in addition to its word.
func (l *live) paint(row *liveRow, text string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.color || row.standing.Next != "" {
		return text
	}
	return "\x1b[" + toneCode(row.standing.Verdict.Outcome) + "m" + text + "\x1b[0m"
}

// close takes the view off the terminal.
func (l *live) close() {
	if l.whole != nil {
		l.whole.Abort(true)
	}
	for _, line := range l.lines {
		line.Abort(true)
	}
	l.bars.Wait()
	fmt.Fprint(l.w, "\r\x1b[K") // what a ^C kept from being erased
}

// columns are the widths of a view.
type columns struct{ name, spark int }

const (
	heapColumn     = 9  // "1 023 MiB"
	estimateColumn = 19 // "53.1 KiB ± 1.25 KiB"
	wideTerminal   = 100
)

// columnsFor fits a view to a terminal.
func columnsFor(width int, rows []*liveRow) columns {
	c := columns{name: len("variant"), spark: 10}
	most := 12
	if width >= wideTerminal {
		c.spark, most = 30, 24
	}
	for _, row := range rows {
		c.name = max(c.name, len([]rune(row.standing.Name)))
	}
	c.name = min(c.name, most)
	return c
}

// clip cuts a text to a number of characters.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(slices.Concat(runes[:most-1], []rune{'…'}))
}
