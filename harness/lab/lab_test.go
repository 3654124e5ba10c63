//go:build unix

package lab_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/judge"
	"github.com/leaklab/leaklab/harness/lab"
)

// plan is a fast run of services by their behaviour.
func plan(behaviours ...string) lab.Plan {
	p := lab.Plan{
		Scenario: harness.Scenario{
			Name: "test",
			Load: harness.Load{
				Rate: 2000, Connections: 8, WarmUp: 100, Segment: 40,
				Segments: harness.Segments{Min: 6, Max: 40},
				MaxTime:  harness.Duration(30 * time.Second), Timeout: harness.Duration(time.Second),
			},
		},
		Stream:       stream{},
		FirstVerdict: true, // takes seconds
	}
	for _, b := range behaviours {
		v := harness.Variant{Name: b, Handler: b}
		p.Scenario.Variants = append(p.Scenario.Variants, v)
		p.Variants = append(p.Variants, lab.Variant{Variant: v})
	}
	return p
}

// run runs a plan in a fresh directory, and sees to it that no target is left.
func run(t *testing.T, ctx context.Context, p lab.Plan, progress func(lab.Progress)) (harness.Record, string, error) {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Create(filepath.Join(dir, "run"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	watched := &recordingTargets{}
	record, err := lab.Run(ctx, p, lab.Parts{Targets: watched, Journal: j, Progress: progress})
	for _, pid := range watched.pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
	return record, j.Dir(), err
}

// recordingTargets remembers the processes that were started.
type recordingTargets struct {
	targets
	mu   sync.Mutex
	pids []int
}

func (r *recordingTargets) Start(ctx context.Context, v harness.Variant, at backend.Endpoints) (lab.Target, error) {
	started, err := r.targets.Start(ctx, v, at)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.pids = append(r.pids, started.(process).Pid())
	}
	return started, err
}

func TestLeakAndCleanTwin(t *testing.T) {
	p := plan("leaks", "clean")
	p.FirstVerdict = testing.Short()
	record, dir, err := run(t, t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	leaks, clean := record.Variants[0], record.Variants[1]
	if leaks.Verdict.Outcome != harness.Fail || leaks.Verdict.Class != harness.Leak {
		t.Errorf("leaks: %+v", leaks.Verdict)
	}
	if objects := *leaks.Verdict.ObjectsPerRequest; objects < 0.97 || objects > 1.03 {
		t.Errorf("%v objects a request, want 1", objects)
	}
	if p.FirstVerdict {
		t.Log("blame of a small leak takes samples: not with -short")
	} else if len(leaks.Blame) == 0 || !strings.Contains(leaks.Blame[0].Function, "(*service).ServeHTTP") {
		t.Errorf("blame: %+v, want ServeHTTP first", leaks.Blame)
	}
	if clean.Verdict.Outcome != harness.Pass {
		t.Errorf("clean: %+v", clean.Verdict)
	}
	if record.Outcome != harness.Fail || record.ExitCode() != harness.ExitLeak || !record.Complete {
		t.Errorf("run: %s, exit %d, complete %v", record.Outcome, record.ExitCode(), record.Complete)
	}
	if clean.Answers.Checked != clean.Load.Requests || clean.Answers.Wrong != 0 || clean.Load.Requests < 6*40 {
		t.Errorf("answers %+v of %d requests", clean.Answers, clean.Load.Requests)
	}
	if len(clean.Timeline) == 0 || clean.Load.CPUSecondsPerRequest == nil {
		t.Error("no timeline or no CPU time was read")
	}
	if !slices.ContainsFunc(clean.Timeline, func(s harness.Sample) bool { return s.RatePerSecond != nil && s.LatencyP99Seconds != nil }) {
		t.Errorf("no sample of %d has the rate and the latency of the load", len(clean.Timeline))
	}
	for _, c := range leaks.Checkpoints {
		if _, err := os.Stat(filepath.Join(dir, c.Profile)); err != nil || c.Profile == "" {
			t.Errorf("profile of the checkpoint at %d requests: %v", c.Requests, err)
		}
	}
	stored, err := journal.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON(t, record), asJSON(t, stored)); diff != "" {
		t.Errorf("the record that was stored differs (-returned +stored):\n%s", diff)
	}
}

// What each new connection leaves does not show while connections are kept open:
// before a target is called clean, the same requests come over new ones.
func TestLeakPerConnection(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds: not with -short")
	}
	p := plan("remembers peers", "clean")
	p.FirstVerdict = false
	record, _, err := run(t, t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	leaks, clean := record.Variants[0], record.Variants[1]
	if v := leaks.Verdict; v.Outcome != harness.Fail || v.Driver != harness.PerConnection {
		t.Errorf("remembers peers: %s by %q: %+v", v.Outcome, v.Driver, v.Reasons)
	}
	if len(leaks.Blame) == 0 || !strings.Contains(leaks.Blame[0].Function, "(*service).ServeHTTP") {
		t.Errorf("blame: %+v, want ServeHTTP first", leaks.Blame)
	}
	if clean.Verdict.Outcome != harness.Pass {
		t.Errorf("clean: %+v", clean.Verdict)
	}
}

// A verdict given again from the stored record is the one that was given.
func TestVerdictFromRecord(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and -short is set")
	}
	for name, change := range map[string]func(*lab.Plan){
		"as it is": func(*lab.Plan) {},
		"budgets": func(p *lab.Plan) {
			p.Scenario.Budget = harness.Budget{Slope: 64, Peak: harness.MiB, Churn: 1, Growth: harness.Growth{Bytes: harness.MiB, Over: harness.Duration(time.Second)}}
			p.Scenario.Warn = harness.Budget{Slope: 8, GCCPU: 0.001}
		},
		"a control":        func(p *lab.Plan) { p.Scenario.Variants[1].Control, p.Variants[1].Control = true, true },
		"nothing repeated": func(p *lab.Plan) { p.Scenario.Replay, p.Scenario.Budget.Keys = harness.ReplayNever, 50 },
		"a death":          func(p *lab.Plan) { *p = plan("grows", "clean") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan("leaks", "clean")
			change(&p)
			_, dir, err := run(t, t.Context(), p, nil)
			if err != nil {
				t.Fatal(err)
			}
			record, err := journal.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range record.Variants {
				if diff := cmp.Diff(v.Verdict, judge.Final(judge.In(record, i))); diff != "" {
					t.Errorf("%s (-given +again):\n%s", v.Name, diff)
				}
			}
		})
	}
}

func TestTargetDies(t *testing.T) {
	for behaviour, want := range map[string]struct {
		cause, evidence string
		exit            harness.ExitCode
	}{
		"crashes": {harness.Crashed, "on fire", harness.ExitNotRun},
		"stops":   {harness.Hung, "checkpoint", harness.ExitNotRun},
		"grows":   {harness.MemoryCeiling, "past the ceiling", harness.ExitLeak},
	} {
		t.Run(behaviour, func(t *testing.T) {
			if testing.Short() && behaviour != "crashes" {
				t.Skip("slow: -short")
			}
			p := plan(behaviour, "clean")
			p.Scenario.MemoryCeiling = 256 * harness.MiB
			p.Scenario.Load.Timeout = harness.Duration(300 * time.Millisecond)
			p.Deadlines.Checkpoint = time.Second
			if behaviour == "grows" {
				p.Scenario.Load.Rate = 400
			}
			record, _, err := run(t, t.Context(), p, nil)
			if err != nil {
				t.Fatal(err)
			}
			death := record.Variants[0].Death
			if death == nil || death.Cause != want.cause || !strings.Contains(death.Evidence, want.evidence) {
				t.Fatalf("death: %+v, want %s with %q", death, want.cause, want.evidence)
			}
			if got := record.ExitCode(); got != want.exit {
				t.Errorf("exit %d, want %d", got, want.exit)
			}
			if clean := record.Variants[1]; clean.Verdict.Outcome != harness.Pass {
				t.Errorf("the other variant: %+v", clean.Verdict)
			}
		})
	}
}

func TestRequestsThatFailAreNoEvidence(t *testing.T) {
	record, _, err := run(t, t.Context(), plan("fails"), nil)
	if err != nil {
		t.Fatal(err)
	}
	v := record.Variants[0]
	if v.Verdict.Outcome != harness.Inconclusive || record.ExitCode() != harness.ExitNotRun {
		t.Errorf("%s, exit %d: want inconclusive, exit 1", v.Verdict.Outcome, record.ExitCode())
	}
	if v.Load.Errors != v.Load.Requests || !strings.Contains(v.Load.FirstError, "503") {
		t.Errorf("load: %+v", v.Load)
	}
	if len(v.Checkpoints) > 0 || len(v.Verdict.Reasons) == 0 {
		t.Errorf("%d checkpoints, reasons %+v: want the run to end with its warm-up, and why", len(v.Checkpoints), v.Verdict.Reasons)
	}
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	record, dir, err := run(t, ctx, plan("leaks"), func(p lab.Progress) {
		if p.Segment == 3 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if record.Complete || record.Outcome != harness.Inconclusive || record.ExitCode() != harness.ExitInconclusive {
		t.Errorf("complete %v, %s, exit %d: want an incomplete, inconclusive run", record.Complete, record.Outcome, record.ExitCode())
	}
	stored, err := journal.Read(dir)
	if err != nil || len(stored.Variants[0].Checkpoints) < 4 {
		t.Errorf("%d checkpoints stored, %v; want at least 4", len(stored.Variants[0].Checkpoints), err)
	}
}

func TestTargetThatDoesNotStart(t *testing.T) {
	p := plan("clean", "clean")
	p.Variants[1].Handler = "\x00" // not a name of any behaviour, but a target all the same
	p.Variants[1].Name = "broken"
	p.Scenario.Variants[1].Name = "broken"
	dir := t.TempDir()
	j, err := journal.Create(filepath.Join(dir, "run"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	_, err = lab.Run(t.Context(), p, lab.Parts{Targets: failingTargets{}, Journal: j})
	if err == nil || !strings.Contains(err.Error(), `variant "broken": no such program`) {
		t.Errorf("error %v, want one that names the variant", err)
	}
}

type failingTargets struct{ targets }

func (f failingTargets) Start(ctx context.Context, v harness.Variant, at backend.Endpoints) (lab.Target, error) {
	if v.Name == "broken" {
		return nil, errors.New("no such program")
	}
	return f.targets.Start(ctx, v, at)
}

func TestPhasesAreReportedInOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second, and -short is set")
	}
	var phases []lab.Phase
	_, _, err := run(t, t.Context(), plan("clean"), func(p lab.Progress) {
		if len(phases) == 0 || phases[len(phases)-1] != p.Phase {
			phases = append(phases, p.Phase)
		}
	})
	if want := []lab.Phase{lab.Starting, lab.WarmingUp, lab.Measuring, lab.Finishing}; err != nil || !slices.Equal(phases, want) {
		t.Errorf("phases %v, %v; want %v", phases, err, want)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
