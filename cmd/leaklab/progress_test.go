package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/lab"
)

// A report without standings shows those before, unless it has something to say.
func TestLinesOfASilentRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := newProgress(&out, false)
		now := lab.Progress{Phase: lab.Measuring, Segment: 3, Max: 40}
		first, noted := now, now
		first.Variants = []lab.Standing{{Name: "x", Next: harness.Flood}}
		noted.Note = "more"
		p.show(first)
		p.show(now) // too soon
		time.Sleep(lineInterval)
		p.show(now)
		p.show(noted)
		want := "  0.0 s  segment 3 of at most 40  x floods with new keys\n" +
			"  2.0 s  segment 3 of at most 40  x floods with new keys\n" +
			"  2.0 s  segment 3 of at most 40  more\n"
		if out.String() != want {
			t.Errorf("printed:\n%swant:\n%s", out.String(), want)
		}
	})
}
