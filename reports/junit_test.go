package reports

import (
	"encoding/xml"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// xmllint checks a document against the schema of JUnit's XML.
func xmllint(t *testing.T, document string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is missing")
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", "testdata/junit.xsd", "-")
	cmd.Stdin = strings.NewReader(document)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestJUnitFollowsItsSchema(t *testing.T) {
	for name := range stories {
		if out, err := xmllint(t, render(t, JUnit, story(t, name), Options{})); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	for _, text := range hostileTexts {
		if out, err := xmllint(t, render(t, JUnit, hostile(t, text), Options{Dir: text})); err != nil {
			t.Errorf("%.40q: %v\n%s", text, err, out)
		}
	}
}

func TestJUnitSchemaRefuses(t *testing.T) {
	good := render(t, JUnit, story(t, "failed"), Options{})
	for name, change := range map[string][2]string{
		"a count in words":    {`tests="6"`, `tests="six"`},
		"a nameless case":     {`name="leaky"`, `name=""`},
		"a time in minutes":   {`time="14.200"`, `time="0m14s"`},
		"an unknown element":  {`<failure`, `<blame/><failure`},
		"two problems":        {`<failure`, `<error message="" type="x"/><failure`},
		"a time zone":         {`08:15:03"`, `08:15:03Z"`},
		"a missing attribute": {`classname="fraud-check" `, ``},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(good, change[0], change[1], 1)
			if changed == good {
				t.Fatalf("there is no %s to change", change[0])
			}
			if _, err := xmllint(t, changed); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestJUnitOutcomes reads the cases back: a build that reads them must not pass
// where leaklab does not.
func TestJUnitOutcomes(t *testing.T) {
	for name, want := range map[string][]string{
		"run":          nil,
		"suppressed":   nil,
		"failed":       {"leaky: failure", "set: failure"},
		"crashed":      {"set: error"},
		"inconclusive": {"bloom: error"},
		"interrupted":  {"leaky: error", "dropped: error", "array: error"},
		"unmatched":    {"run: failure"},
		"untrusted":    {"leaky: error", "run: error"},
	} {
		var got junitSuites
		if err := xml.Unmarshal([]byte(render(t, JUnit, story(t, name), Options{})), &got); err != nil {
			t.Fatal(err)
		}
		var problems []string
		for _, c := range got.Suites[0].Cases {
			switch {
			case c.Failure != nil:
				problems = append(problems, c.Name+": failure")
			case c.Error != nil:
				problems = append(problems, c.Name+": error")
			}
		}
		if diff := cmp.Diff(want, problems); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if n := got.Failures + got.Errors; n != len(want) || (n == 0) != (story(t, name).ExitCode() == harness.ExitPass) {
			t.Errorf("%s: %d failures and errors are counted, want %d; the exit code is %d", name, n, len(want), story(t, name).ExitCode())
		}
	}
}

// TestJUnitOfAnInterruptedPass has every variant decided before the interruption.
func TestJUnitOfAnInterruptedPass(t *testing.T) {
	r := goldenRecord(t)
	r.Complete = false
	r.Conclude()
	got := render(t, JUnit, r, Options{})
	if !strings.Contains(got, `name="run"`) || !strings.Contains(got, `<error message="the run was interrupted"`) {
		t.Errorf("no word of the interruption:\n%s", got)
	}
}
