package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/leaklab/leaklab/harness"
)

// readSARIF reads a document back and checks it against the schema of OASIS.
func readSARIF(t testing.TB, document string) *sarif.Run {
	t.Helper()
	report, err := sarif.FromString(document, sarif.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Validate(); err != nil {
		t.Errorf("%v", err)
	}
	return report.Runs[0]
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	for name := range stories {
		readSARIF(t, render(t, SARIF, story(t, name), goldenOptions))
	}
	for _, text := range hostileTexts {
		readSARIF(t, render(t, SARIF, hostile(t, text), Options{Dir: text, Subdir: text}))
	}
	readSARIF(t, render(t, SARIF, harness.Record{}, Options{}))
}

func TestSARIFSchemaRefuses(t *testing.T) {
	document := render(t, SARIF, story(t, "failed"), Options{})
	for name, change := range map[string][2]string{
		"another level":  {`"level": "error"`, `"level": "catastrophe"`},
		"a line of zero": {`"startLine": 71`, `"startLine": 0`},
		"no URI":         {`"uri": "src/net/http/server.go"`, `"uri": "a b:%"`},
	} {
		changed := strings.Replace(document, change[0], change[1], 1)
		if changed == document {
			t.Fatalf("%s: there is no %s to change", name, change[0])
		}
		report, err := sarif.FromString(changed, sarif.WithStrictValidation())
		if err == nil && report.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// sarifResult is what the tests read of a result.
type sarifResult struct {
	Rule, Level, Fingerprint string
	URI, Base                string
	Line                     int
	Suppression              string
	Flow                     []string
}

func sarifResults(run *sarif.Run) []sarifResult {
	var all []sarifResult
	for _, r := range run.Results {
		got := sarifResult{Rule: *r.RuleID, Level: r.Level, Fingerprint: r.PartialFingerprints["leaklab/v1"]}
		physical := r.Locations[0].PhysicalLocation
		got.URI = *physical.ArtifactLocation.URI
		if physical.Region != nil {
			got.Line = *physical.Region.StartLine
		}
		if physical.ArtifactLocation.URIBaseID != nil {
			got.Base = *physical.ArtifactLocation.URIBaseID
		}
		for _, s := range r.Suppressions {
			got.Suppression = *s.Justification
		}
		for _, flow := range r.CodeFlows {
			for _, l := range flow.ThreadFlows[0].Locations {
				got.Flow = append(got.Flow, *l.Location.Message.Text)
			}
		}
		all = append(all, got)
	}
	return all
}

var checkFlow = []string{"http.(*conn).serve", "http.serverHandler.ServeHTTP", "http.(*ServeMux).ServeHTTP",
	"fraudcheck.(*Handler).ServeHTTP", "fraudcheck.(*Handler).check", "maps.newTable"}

func TestSARIFResults(t *testing.T) {
	leak := sarifResult{Rule: "leak", Level: "error", Fingerprint: "5f1d0c9a42be",
		URI: "leaky/fraudcheck/check.go", Base: "%SRCROOT%", Line: 71, Flow: checkFlow}
	expected, suppressed := leak, leak
	expected.Level, expected.Suppression = "note", "the scenario expects this leak"
	suppressed.Level = "note"
	suppressed.Suppression = "the leak 5f1d0c9a42be is let pass until 2026-12-31: the remedy is in review, ticket 7"
	inSubdir := expected
	inSubdir.URI = "services/my%20shop/leaky/fraudcheck/check.go"
	for name, test := range map[string]struct {
		story, subdir string
		want          []sarifResult
	}{
		"expected":          {"run", "", []sarifResult{expected}},
		"suppressed":        {"suppressed", "", []sarifResult{suppressed}},
		"not expected":      {"failed", "", []sarifResult{leak}},
		"nothing measured":  {"untrusted", "", nil},
		"a part of a whole": {"run", "services/my shop", []sarifResult{inSubdir}},
	} {
		run := readSARIF(t, render(t, SARIF, story(t, test.story), Options{Subdir: test.subdir}))
		if diff := cmp.Diff(test.want, sarifResults(run)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSARIFSuppressionsExpire has a suppression whose last day is over: the leak
// is one again.
func TestSARIFSuppressionsExpire(t *testing.T) {
	r := story(t, "suppressed")
	r.Spec.Suppressions[0].Until = "2026-10-31"
	r.Conclude()
	got := sarifResults(readSARIF(t, render(t, SARIF, r, Options{})))
	if len(got) != 1 || got[0].Suppression != "" || got[0].Level != "error" {
		t.Errorf("results %+v, want one that is not suppressed", got)
	}
}

// TestSARIFPlaces has leaks that no line of the module allocates.
func TestSARIFPlaces(t *testing.T) {
	e := harness.Environment{SourceRoot: "/home/dev/shop", ModulePath: "example.org/shop"}
	cache := harness.Frame{Function: "a.org/lru.Put", File: "/home/dev/go/pkg/mod/a.org/lru@v1.0.0/lru.go", Line: 7}
	own := harness.Frame{Function: "example.org/shop.Serve", File: "/home/dev/shop/serve.go", Line: 40}
	for name, test := range map[string]struct {
		class   harness.Class
		blame   []harness.Blame
		want    sarifResult
		related string
	}{
		"in a dependency, called by us": {harness.Leak, []harness.Blame{{Function: cache.Function, File: cache.File, Line: 7, Stack: []harness.Frame{cache, own}}},
			sarifResult{Rule: "leak", URI: "serve.go", Base: "%SRCROOT%", Line: 40}, "a.org/lru@v1.0.0/lru.go"},
		"in a dependency, of its own": {harness.Goroutine, []harness.Blame{{Function: cache.Function, File: cache.File, Line: 7, Stack: []harness.Frame{cache}}},
			sarifResult{Rule: "goroutine-leak", URI: "go.mod", Base: "%SRCROOT%", Line: 1}, "a.org/lru@v1.0.0/lru.go"},
		"at no line": {harness.Leak, []harness.Blame{{Function: "example.org/shop.f", File: "/home/dev/shop/f.go"}},
			sarifResult{Rule: "leak", URI: "f.go", Base: "%SRCROOT%"}, ""},
		"nowhere":           {harness.Footprint, nil, sarifResult{Rule: "off-heap-leak", URI: "go.mod", Base: "%SRCROOT%", Line: 1}, ""},
		"over a budget":     {harness.Steady, nil, sarifResult{Rule: "over-budget", URI: "go.mod", Base: "%SRCROOT%", Line: 1}, ""},
		"elsewhere at once": {harness.Leak, []harness.Blame{{Function: "main.f", File: `C:\x y\f.go`, Line: 3}}, sarifResult{Rule: "leak", URI: "go.mod", Base: "%SRCROOT%", Line: 1}, "file:///C%3A/x%20y/f.go"},
	} {
		r := harness.Record{Schema: harness.RecordSchema, Environment: e, Complete: true, Variants: []harness.Result{
			{Name: "v", Verdict: harness.Verdict{Outcome: harness.Fail, Class: test.class}, Blame: test.blame}}}
		r.Conclude()
		run := readSARIF(t, render(t, SARIF, r, Options{}))
		got := sarifResults(run)
		test.want.Level = "error"
		got[0].Flow = nil
		if diff := cmp.Diff([]sarifResult{test.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		related := ""
		if all := run.Results[0].RelatedLocations; len(all) > 0 {
			related = *all[0].PhysicalLocation.ArtifactLocation.URI
		}
		if related != test.related {
			t.Errorf("%s: beside it %q, want %q", name, related, test.related)
		}
	}
}

// TestSARIFSaysWhatIsNoResult wants no silence where a verdict is missing.
func TestSARIFSaysWhatIsNoResult(t *testing.T) {
	for name, want := range map[string]struct {
		successful bool
		told       string
	}{
		"run":          {true, "the rate was 99.7 requests/s"},
		"crashed":      {false, "set crashed"},
		"inconclusive": {true, "bloom is inconclusive"},
		"interrupted":  {false, "the run was interrupted"},
		"failed":       {false, "leaky was expected to leak and does not"},
		"unmatched":    {true, "suppression 0123456789ab matches no leak"},
		"untrusted":    {false, "this gate cannot be trusted here"},
	} {
		call := readSARIF(t, render(t, SARIF, story(t, name), Options{})).Invocations[0]
		if *call.ExecutionSuccessful != want.successful {
			t.Errorf("%s: executionSuccessful is %v, want %v", name, *call.ExecutionSuccessful, want.successful)
		}
		var told strings.Builder
		for _, n := range call.ToolExecutionNotifications {
			told.WriteString(*n.Message.Text + "\n")
		}
		if !strings.Contains(told.String(), want.told) {
			t.Errorf("%s: no word of %q in:\n%s", name, want.told, told.String())
		}
	}
}

func TestSARIFMessagesHaveNoLinksAndNoPlaceholders(t *testing.T) {
	if got, want := *sarifMessage(`[a](1) {0} \`).Text, `\[a\](1) {{0}} \\`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
