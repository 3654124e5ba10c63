package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/leaklab/leaklab/harness"
)

// SARIF writes the failed verdicts as SARIF 2.1.0, for GitHub's code scanning and
// other viewers of findings in the code: a result for each site that a leak is
// known by, at the line of the tested module that is to blame. A leak that is
// expected or suppressed carries a suppression. What has no verdict is told as a
// notification, never as the absence of a result. Its error is the writer's.
func SARIF(w io.Writer, r harness.Record, o Options) error {
	report := sarif.NewReport()
	report.AddRun(newSARIFRun(r, o))
	if err := report.PrettyWrite(w); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newSARIFRun(r harness.Record, o Options) *sarif.Run {
	run := sarif.NewRunWithInformationURI("leaklab", "https://github.com/leaklab/leaklab")
	run.Tool.Driver.WithVersion(orUnknown(r.Environment.LeaklabVersion))
	for _, rule := range sarifRules {
		run.AddRule(rule.id).
			WithName(rule.name).
			WithShortDescription(sarif.NewMultiformatMessageString().WithText(rule.short)).
			WithFullDescription(sarif.NewMultiformatMessageString().WithText(rule.full)).
			WithHelp(sarif.NewMultiformatMessageString().WithText(rule.help))
	}
	// The scenario is part of the category: the results of one do not replace
	// those of another.
	run.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("leaklab/" + markerName(r.Scenario) + "/"))
	shown := newView(r, o)
	for i, f := range shown.findings {
		if v := r.Variants[i]; v.Verdict.Outcome == harness.Fail {
			addSARIFResults(run, r, v, f, o)
		}
	}
	run.AddInvocation(newSARIFInvocation(r, shown))
	return run
}

// sarifRule is a kind of finding. Its id is part of a result's identity.
type sarifRule struct{ id, name, short, full, help string }

const (
	leakRule = iota
	goroutineRule
	offHeapRule
	budgetRule
)

const sarifHelp = "Find what still refers to the objects, or never ends: the code flow leads from the request to the line. " +
	"The message holds the commands that show the growth without leaklab and that run it again. " +
	"A leak that is known can be suppressed until a date, by its fingerprint, in the scenario."

var sarifRules = []sarifRule{
	leakRule: {"leak", "MemoryLeak", "The live heap grows without a bound",
		"What a request allocates stays reachable after it: the live heap grows with every request, key, connection or second, and no bound was seen.", sarifHelp},
	goroutineRule: {"goroutine-leak", "GoroutineLeak", "Goroutines are started and never end",
		"What a request starts does not end with it: the number of goroutines grows, and what they hold stays reachable.", sarifHelp},
	offHeapRule: {"off-heap-leak", "OffHeapLeak", "Memory outside Go's runtime grows without a bound",
		"The process holds more and more anonymous memory that Go's runtime knows nothing of, such as that of C libraries or mappings.", sarifHelp},
	budgetRule: {"over-budget", "OverBudget", "A variant uses more than its budget",
		"A budget of the scenario was passed, though no leak was found: the live heap, the footprint or what a request allocates.",
		"Lower what is used, or raise the budget in the scenario."},
}

func sarifRuleOf(c harness.Class) int {
	switch c {
	case harness.Leak:
		return leakRule
	case harness.Goroutine:
		return goroutineRule
	case harness.Footprint:
		return offHeapRule
	}
	return budgetRule
}

// maxResults is how many sites of a variant become results. A site that is
// notable has a tenth of the growth, so that there are hardly more.
const maxResults = 10

// addSARIFResults adds a result for each notable site of a failed variant, or one
// without a site where none is known.
func addSARIFResults(run *sarif.Run, r harness.Record, v harness.Result, f finding, o Options) {
	rule := sarifRuleOf(v.Verdict.Class)
	sites := v.NotableSites()
	sites = sites[:min(maxResults, len(sites))]
	if len(sites) == 0 {
		sites = []harness.Blame{{}}
	}
	for _, b := range sites {
		result := run.CreateResultForRule(sarifRules[rule].id).
			WithMessage(sarifMessage(sarifHeadline(r, v, b, f) + ".\n" + strings.Join(f.lines(), "\n"))).
			WithLevel(sarif.LevelError)
		at, related := sarifPlaces(b, r.Environment, o)
		result.AddLocation(at)
		result.RelatedLocations = append(result.RelatedLocations, related...)
		if flow := sarifFlow(b, r.Environment, o); flow != nil {
			result.AddCodeFlow(flow)
		}
		if b.Fingerprint != "" {
			result.PartialFingerprints = map[string]string{"leaklab/v1": safe(b.Fingerprint)}
		}
		if s := sarifSuppression(r, v, b); s != nil {
			result.WithLevel(sarif.LevelNote).WithSuppressions([]*sarif.Suppression{s})
		}
	}
}

// sarifHeadline says of a result, in the sentence that a list of results shows, how
// much and where.
func sarifHeadline(r harness.Record, v harness.Result, b harness.Blame, f finding) string {
	text := f.name + ": " + f.label
	positive := v.Verdict.SlopeBytesPerRequest != nil && *v.Verdict.SlopeBytesPerRequest > 0
	if grows := grows(v.Verdict); grows != unknown && (positive || accuses(v.Verdict)) {
		text += ", " + grows + " " + axisOf(r).each()
	}
	if b.Function == "" {
		return text + "; no site is known"
	}
	s := newSite(b, r.Environment, Options{})
	return fmt.Sprintf("%s; %s of the growth at %s in %s", text, s.share, s.where, s.function)
}

// sarifSuppression says why a site's leak fails no run; nil where it does.
func sarifSuppression(r harness.Record, v harness.Result, b harness.Blame) *sarif.Suppression {
	accepted := func(why string) *sarif.Suppression {
		return sarif.NewSuppression().WithKind("external").WithStatus("accepted").WithJustification(why)
	}
	if v.Expect.OrDefault() == harness.ExpectLeak && v.AsExpected {
		return accepted("the scenario expects this leak")
	}
	for i, s := range r.Spec.Suppressions {
		matched := i < len(r.Suppressions) && r.Suppressions[i].State == harness.Matched
		if matched && string(s.Fingerprint) == b.Fingerprint {
			return accepted(suppressed(s))
		}
	}
	return nil
}

// newSARIFInvocation says how the run went, and tells what is no result: verdicts
// that are missing or not as expected, and whatever else keeps it from passing.
func newSARIFInvocation(r harness.Record, v view) *sarif.Invocation {
	code := r.ExitCode()
	call := sarif.NewInvocation().WithExecutionSuccessful(r.Complete && code != harness.ExitNotRun)
	if command := commandLine(r.Command); command != "" {
		call.WithCommandLine(command)
	}
	if !r.StartedAt.IsZero() {
		call.WithStartTimeUtc(r.StartedAt.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	tell := func(level, text string) {
		call.AddToolExecutionNotification(sarif.NewNotification().WithLevel(level).WithMessage(sarifMessage(text)))
	}
	if r.Outcome != harness.Pass || code == harness.ExitNotRun {
		tell(sarif.LevelError, v.verdict+": "+v.because)
	}
	for _, f := range v.findings {
		if !f.accused && f.tone != good {
			tell(sarif.LevelWarning, f.name+": "+f.label+"\n"+strings.Join(f.lines(), "\n"))
		}
	}
	for _, n := range v.notes {
		tell(sarif.LevelNote, n.String())
	}
	return call
}

// sarifMessage is a text in which nothing is a link or a placeholder.
func sarifMessage(text string) *sarif.Message {
	return sarif.NewTextMessage(sarifEscaper.Replace(text))
}

var sarifEscaper = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}")
