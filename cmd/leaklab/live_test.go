package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
)

func TestSparkline(t *testing.T) {
	const kib = 1 << 10
	for _, tt := range []struct {
		name   string
		values []float64
		want   string
	}{
		{"nothing", nil, "    "},
		{"one reading", []float64{5}, "▁   "},
		{"growth", []float64{0, 100 * kib, 200 * kib, 300 * kib}, "▁▃▆█"},
		{"more readings than columns", []float64{9, 0, 9, 100 * kib, 9, 200 * kib, 9, 300 * kib}, "▁▃▆█"},
		{"the runtime's ups and downs", []float64{1e6, 1e6 + 900, 1e6 - 100, 1e6}, "▁▁▁▁"},
	} {
		if got := sparkline(tt.values, 4); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRowKeepsTheWholeCourse(t *testing.T) {
	const readings = 10 * maxHeap
	var row liveRow
	for i := range readings {
		row.take(lab.Standing{LiveHeapBytes: int64(i + 1)})
	}
	n := len(row.heap)
	if n >= maxHeap || row.heap[0] != 1 || row.heap[n-1] < readings-float64(row.every) {
		t.Errorf("%d readings from %v to %v, want fewer than %d from 1 to nearly %d", n, row.heap[0], row.heap[n-1], maxHeap, readings)
	}
	for i := range n - 1 {
		if row.heap[i+1]-row.heap[i] != float64(row.every) {
			t.Fatalf("readings %v and %v follow on each other, want every %d", row.heap[i], row.heap[i+1], row.every)
		}
	}
}

func TestViewFitsOnATerminal(t *testing.T) {
	slope := harness.Verdict{SlopeBytesPerRequest: new(-1023.0 * 1024), SlopeLow: new(-1023.9 * 2048), SlopeHigh: new(0.0)}
	row := &liveRow{}
	row.take(lab.Standing{Name: strings.Repeat("ü", 64), LiveHeapBytes: 1023 << 20, Verdict: slope})
	states := []string{timeLeft{known: true, atMost: true, seconds: 300}.String(), timeLeft{known: true, seconds: 99}.String()}
	for _, round := range []harness.Round{harness.Replay, harness.Reconnect, harness.Idle, harness.Flood, harness.Rest} {
		states = append(states, stateOf(lab.Standing{Next: round}, timeLeft{}))
	}
	for _, width := range []int{80, 140} {
		body := row.body(columnsFor(width, []*liveRow{row}))
		for _, state := range states {
			if n := utf8.RuneCountInString(body + state); n > width {
				t.Errorf("%d columns, want at most %d: %s%s", n, width, body, state)
			}
		}
	}
}

func TestTimeLeft(t *testing.T) {
	start := time.Unix(0, 0)
	at := func(segment int) lab.Progress {
		return lab.Progress{Phase: lab.Measuring, Segment: segment, Min: 8, Max: 60, Variants: []lab.Standing{{}}}
	}
	var p pace
	p.take(at(1), start)
	if got := p.left(at(1), start).String(); got != "measuring" {
		t.Errorf("after one segment: %q, want measuring", got)
	}
	p.take(at(11), start.Add(5*time.Second))
	for _, tt := range []struct {
		segment int
		later   time.Duration
		want    string
	}{
		{11, 0, "certain in about 7 s"}, // 13 of 24 segments of 0.5 s
		{11, 3 * time.Second, "certain in about 4 s"},
		{11, time.Minute, "certain in about 1 s"},
		{30, 0, "at most 15 s more"}, // 30 of 60
	} {
		p := p
		p.from, p.segment = tt.segment-10, tt.segment
		if got := p.left(at(tt.segment), p.last.Add(tt.later)).String(); got != tt.want {
			t.Errorf("segment %d, %v later: %q, want %q", tt.segment, tt.later, got, tt.want)
		}
	}
}

func TestRateIsThatOfAllVariants(t *testing.T) {
	l := &live{}
	l.take(lab.Progress{Segment: 3, Variants: []lab.Standing{{RatePerSecond: 99.8}, {RatePerSecond: 100.4}, {}}})
	if got := l.summary(); !strings.HasSuffix(got, "  200 requests/s in all") {
		t.Errorf("%q, want the sum of the rates at its end", got)
	}
	l.take(lab.Progress{Segment: 4, Variants: []lab.Standing{{}}})
	if got := l.summary(); strings.Contains(got, "requests/s") {
		t.Errorf("%q, want no rate where the lab sends nothing", got)
	}
}

func TestVerdictWords(t *testing.T) {
	for _, tt := range []struct {
		verdict harness.Verdict
		want    string
	}{
		{harness.Verdict{Outcome: harness.Pass, Class: harness.Plateau}, "clean"},
		{harness.Verdict{Outcome: harness.Fail, Class: harness.Goroutine}, "GOROUTINE"},
		{harness.Verdict{Outcome: harness.Fail, Class: harness.Steady}, "OVER BUDGET"},
		{harness.Verdict{Outcome: harness.Inconclusive, Class: harness.Unsettled}, "inconclusive"},
	} {
		if got := stateOf(lab.Standing{Verdict: tt.verdict}, timeLeft{}); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.verdict, got, tt.want)
		}
	}
	if got := estimate(harness.Verdict{SlopeBytesPerRequest: new(54374.4), SlopeLow: new(54272.0), SlopeHigh: new(54374.4)}); got != "53.1 KiB ± 102 B" {
		t.Errorf("estimate %q", got)
	}
}
