package main

import (
	"os"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestOutputThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"single.yaml", "single.yaml/out"} { // permissions would not stop root
		t.Run(dir, func(t *testing.T) {
			s := newShell(t)
			r := s.run("run ./single.yaml --no-self-test --out " + dir)
			r.want(harness.ExitUsage, "leaklab: error: output directory "+dir+": ", "hint: leaklab run --out DIR")
			if r.stdout != "" {
				t.Errorf("standard output: %q, want nothing", r.stdout)
			}
		})
	}
}

func TestReportThatCannotBeWritten(t *testing.T) {
	s := newShell(t)
	s.run("run ./single.yaml --out out" + timeUp).want(harness.ExitInconclusive)
	s.run("report out -o nowhere/report.md").want(harness.ExitNotRun, "nowhere/report.md", "hint: leaklab report -o FILE")
	if _, err := os.Stat("/dev/full"); err == nil { // Linux alone has it
		s.run("report out -o /dev/full").want(harness.ExitNotRun, "no space left on device", "hint: leaklab report -o FILE")
	}
}
