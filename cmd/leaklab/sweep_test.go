package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/sweep"
)

// small is a sweep of two points without a search for the highest rate.
const small = "sweep ./pair.yaml --variants array --set data.risky_users=20,40 --no-self-test --no-flood --out out"

// files lists those of a directory that have a name.
func (s shell) files(dir, name string) []string {
	s.Helper()
	var found []string
	err := filepath.WalkDir(s.path(dir), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == name {
			rel, _ := filepath.Rel(s.dir, path)
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return found
}

func (s shell) sweep(dir string) sweep.Sweep {
	s.Helper()
	swept, err := readSweep(s.path(dir + "/" + sweepFile))
	if err != nil {
		s.Fatal(err)
	}
	return swept
}

func TestSweepGoesOnWhereItIsNotDone(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	first := s.run(small)
	first.want(harness.ExitPass, "1 of 2  data.risky_users=20/array", "data.risky_users = 40\n", "req/s ≤ 10 ms", "array    clean", "2 of 2 points measured · out")
	records := s.files("out", pointRecord)
	want := []string{"out/points/data.risky_users=20/array/record.json", "out/points/data.risky_users=40/array/record.json"}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if runs := s.files("out", "run.json"); len(runs) > 0 {
		t.Errorf("%q in a sweep's directory, want none: that is a run's name", runs)
	}
	for _, point := range s.sweep("out").Points {
		if point.State != sweep.Done || point.Figures == nil || point.Figures.LiveHeapBytes == nil || len(point.Steps) > 0 {
			t.Errorf("point %+v, want it done, with figures and without a flood", point)
		}
	}
	s.run("report "+records[0]).want(harness.ExitPass, "PASS: every variant is what the scenario expects")

	if drawn := s.run("report out"); drawn.stdout != first.stdout {
		t.Errorf("leaklab report draws another sweep than leaklab sweep:\n%s\n%s", drawn.stdout, first.stdout)
	}

	again := s.run(small)
	again.want(harness.ExitPass, "2 of 2 points are in out already", "2 of 2 points measured")
	if strings.Contains(again.stderr, "1 of 2  ") {
		t.Errorf("a point that was done is run again:\n%s", again.stderr)
	}
	s.run(strings.Replace(small, "20,40", "20,40,60", 1)).want(harness.ExitPass, "2 of 3 points are in out already", "3 of 3  data.risky_users=60/array")
	other := s.run(small + " --set data.inactive_users=6")
	other.want(harness.ExitPass, "1 of 2  ", "2 of 2  ")
	if strings.Contains(other.stderr, "already") {
		t.Errorf("points of another scenario are taken over:\n%s", other.stderr)
	}
	s.wantNoTemp()
}

func TestSweepFindsTheHighestRateAndTheCeiling(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	s.run("sweep ./pair.yaml --set data.risky_users=1000,2000 --memory-ceiling 128MiB --min-segments 30 --set variants.leaky.expect=leak --no-self-test --latency 0s --out out").
		want(harness.ExitPass, "leaky    LEAK, memory-ceiling, expected", "leaky    skipped", "ended at memory-ceiling: data.risky_users = 1000 already",
			"req/s unbounded", "3 of 4 points measured, 1 skipped")
	var connections []int
	for _, point := range s.sweep("out").Points {
		switch {
		case point.Variant == "leaky" && len(point.Steps) > 0:
			t.Error("a variant that is expected to leak is flooded")
		case point.Name == "data.risky_users=1000/array":
			for _, step := range point.Steps {
				connections = append(connections, step.Connections)
				if step.RatePerSecond <= 0 || step.Errors > 0 {
					t.Errorf("step %+v, want a rate and no errors", step)
				}
			}
		}
	}
	if diff := cmp.Diff([]int{1, 2, 4, 8, 16, 32, 64}, connections); diff != "" {
		t.Errorf("connections of the steps (-want +got):\n%s", diff)
	}
	for _, name := range []string{"report.md", "report.html"} {
		if _, err := os.Stat(s.path("out/" + name)); err != nil {
			t.Error(err)
		}
	}
}

// A sweep is drawn again from sweep.json alone, under the bound of latency that it was
// made for.
func TestReportOfASweep(t *testing.T) {
	s := newShell(t)
	const stored = `{
 "schema": "leaklab/sweep/v1",
 "scenario": "pair",
 "latency_seconds": 0.02,
 "points": [{"variant": "array", "state": "done", "figures": {"verdict": "pass", "class": "steady"},
  "steps": [{"connections": 1, "rate_per_second": 500, "latency_p99_seconds": 0.02}, {"connections": 2, "rate_per_second": 900, "latency_p99_seconds": 0.03}]}]
}
`
	if err := os.WriteFile(s.path("tmp/"+sweepFile), []byte(stored), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]string{
		"report tmp":                                {"pair", "req/s ≤ 20 ms", "500            900 (30 ms)", "INTERRUPTED: 1 of 1 points measured · tmp\n"},
		"report tmp/sweep.json":                     {"INTERRUPTED: 1 of 1 points measured · tmp\n"},
		"report tmp --format markdown":              {"# Trade-offs of pair\n", "| array | clean |"},
		"report tmp --format html":                  {"</html>", "1 of 1 points measured"},
		"report tmp --json":                         {`"latency_seconds": 0.02`},
		"report tmp/sweep.json -o tmp/drawn --json": nil,
	} {
		r := s.run(line)
		r.want(harness.ExitPass, want...)
		if printed := r.stdout != ""; printed != (want != nil) {
			t.Errorf("leaklab %s prints %q", line, r.stdout)
		}
	}
	s.run("report tmp --format sarif").want(harness.ExitUsage, `--format "sarif" of a sweep: want html, json, markdown or text`,
		"hint: leaklab report "+filepath.Join("tmp", "points", "NAME", "record.json")+" --format sarif draws a point")
	if drawn, err := readSweep(s.path("tmp/drawn")); err != nil || !cmp.Equal(drawn, s.sweep("tmp")) {
		t.Errorf("what was drawn as JSON reads as %+v, %v, want the sweep", drawn, err)
	}
	if err := os.WriteFile(s.path("tmp/run.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("report tmp").want(harness.ExitUsage, "record: ") // a run's directory
	s.run("report nowhere/sweep.json").want(harness.ExitUsage, "sweep: ", "hint: leaklab report SWEEP")
	if err := os.WriteFile(s.path("tmp/"+sweepFile), make([]byte, maxSweepBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("report tmp/sweep.json").want(harness.ExitUsage, "sweep.json: more than 67108864 bytes")
}

func TestMistakesOfASweep(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"sweep":             "hint: leaklab sweep --help",
		"sweep ./pair.yaml": "nothing to sweep: want --set KEY=V1,V2",
		"sweep ./pair.yaml --set data.risky_users=10":                                         "nothing to sweep",
		"sweep ./pair.yaml --set data.risky_users=10,10":                                      `"10" is there twice`,
		"sweep ./pair.yaml --set data.risky_users=1,2 --set data.risky_users=3,4":             "it is swept twice",
		"sweep ./pair.yaml --set data.risky_user=1,2":                                         `unknown key "risky_user"`,
		"sweep ./pair.yaml --set data.risky_users=10,-3":                                      "data.risky_users = -3, want 0 to",
		"sweep ./pair.yaml --set load.rate=100/s,200/s --variants leaky,aray":                 "--variants aray: want some of leaky, array",
		"sweep ./pair.yaml --set load.rate=100/s,200/s --latency -1s":                         "--latency -1s: want at least 0s",
		"sweep ./pair.yaml --set variants.array.env.TOKEN=a,b":                                "its values are never stored",
		"sweep ./pair.yaml --set variants.array.name=array,other --set load.rate=100/s,200/s": `variant "array" is not in the scenario at every value`,
	} {
		t.Run(line, func(t *testing.T) {
			s := newShell(t)
			s.run(line).want(harness.ExitUsage, "leaklab: error: ", want)
			if _, err := os.Stat(s.path("reports")); err == nil {
				t.Error("an output directory was made")
			}
		})
	}
}

func TestSweepSparesWhatItDoesNotKnow(t *testing.T) {
	s := newShell(t)
	for name, content := range map[string]string{"run/run.json": "{}", "junk/sweep.json": "junk", "later/sweep.json": `{"schema":"leaklab/sweep/v9"}`} {
		if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	line := strings.TrimSuffix(small, "out")
	s.run(line+"run").want(harness.ExitUsage, "run holds a run, which is no sweep")
	s.run(line+"junk").want(harness.ExitUsage, "sweep.json", "hint: leaklab sweep --force")
	s.run(line+"later").want(harness.ExitUsage, `schema "leaklab/sweep/v9", want "leaklab/sweep/v1"`)
}
