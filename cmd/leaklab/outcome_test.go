package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

// timeUp ends a run complete, in a second, before the first segment that counts.
const timeUp = " --no-self-test --rate 40/s --warm-up 20 --max-time 1s"

// The exit code is that of the verdicts against the expectations.
func TestExitCodeOfARun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, line string
		code       harness.ExitCode
		texts      []string
	}{
		{"an undeclared leak", "run ./pair.yaml --no-self-test", harness.ExitLeak, []string{"LEAK", "fraudcheck.(*checker).check", "FAIL: leaky leaks"}},
		{"a declared leak", "run ./pair.yaml --no-self-test --set variants.leaky.expect=leak", harness.ExitPass, []string{"LEAK, expected", "PASS"}},
		{"a leak that is not there", "run ./single.yaml --no-self-test --set variants.array.expect=leak", harness.ExitNotRun,
			[]string{"FAIL: array was expected to leak and does not"}},
		{"a leak up to the memory ceiling",
			"run ./pair.yaml --no-self-test --memory-ceiling 64MiB --min-segments 30 --set data.risky_users=1000 --set variants.leaky.expect=leak",
			harness.ExitPass, []string{"memory-ceiling: the footprint reached", "past the ceiling of 64 MiB", "LEAK, memory-ceiling, expected"}},
		{"time is up", "run ./single.yaml" + timeUp, harness.ExitInconclusive, []string{"INCONCLUSIVE"}},
		{"time that is up may pass", "run ./single.yaml" + timeUp + " --on-inconclusive pass", harness.ExitPass, []string{"INCONCLUSIVE"}},
		{"time that is up may fail", "run ./single.yaml" + timeUp + " --on-inconclusive fail", harness.ExitLeak, []string{"INCONCLUSIVE"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			skipSlow(t)
			s := newShell(t)
			s.run(test.line+" --out out").want(test.code, test.texts...)
			if record := s.record("out"); !record.Complete || record.ExitCode() != test.code && record.Outcome != harness.Inconclusive {
				t.Errorf("run.json: complete = %v, outcome %s, exit code %d", record.Complete, record.Outcome, record.ExitCode())
			}
			s.wantNoTemp()
		})
	}
}

func TestJSONIsTheRecordAndNothingElse(t *testing.T) {
	s := newShell(t)
	scenario, code := "./pair.yaml", harness.ExitLeak
	if testing.Short() {
		scenario, code = "./single.yaml", harness.ExitPass // a leak takes 13 s
	}
	r := s.run("run " + scenario + " --json --quiet --no-self-test --out out")
	r.want(code)
	var printed harness.Record
	decoder := json.NewDecoder(strings.NewReader(r.stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&printed); err != nil {
		t.Fatalf("standard output: %v", err)
	}
	if decoder.More() {
		t.Error("standard output goes on after the record")
	}
	if err := printed.Validate(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(s.record("out"), printed); diff != "" {
		t.Errorf("run.json and standard output differ:\n%s", diff)
	}
	if r.stderr != "" {
		t.Errorf("standard error with --quiet: %q, want nothing", r.stderr)
	}
	redrawn := s.run("report out --format json")
	redrawn.want(harness.ExitPass)
	if redrawn.stdout != r.stdout {
		t.Error("leaklab report draws another record than leaklab run")
	}
}

func TestARunIsNotReplaced(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	const run = "run ./single.yaml --out out" + timeUp
	s.run(run).want(harness.ExitInconclusive)
	first := s.record("out")
	s.run(run).want(harness.ExitUsage, "a run is recorded there already", "hint: leaklab run --force")
	if diff := cmp.Diff(first, s.record("out")); diff != "" {
		t.Errorf("the run changed:\n%s", diff)
	}
	s.run(run + " --force").want(harness.ExitInconclusive)
	if cmp.Equal(first, s.record("out")) {
		t.Error("--force left the first run's record")
	}
	drawn := s.run("report out -o report.txt")
	drawn.want(harness.ExitPass)
	text, err := os.ReadFile(s.path("report.txt"))
	if err != nil || !strings.Contains(string(text), "INCONCLUSIVE") || drawn.stdout != "" {
		t.Errorf("report.txt: %v\n%s\nstandard output: %q", err, text, drawn.stdout)
	}
}

// Nobody looks at a pipe: no escape sequences, with NO_COLOR or without.
func TestNoEscapesInAPipe(t *testing.T) {
	r := newShell(t).run("run ./single.yaml --no-self-test --out out")
	r.want(harness.ExitPass, "starting", "segment 1 of at most 60", "finishing")
	if strings.Contains(r.stdout+r.stderr, "\x1b") {
		t.Errorf("escape sequences:\n%q\n%q", r.stdout, r.stderr)
	}
}

// skipSlow skips a test of seconds where only quick ones are wanted.
func skipSlow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow, and -short is set")
	}
}
