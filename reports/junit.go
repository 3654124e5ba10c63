package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// JUnit writes the report as JUnit XML, in the form of Ant and Jenkins: one case
// for each variant. A leak that is expected or suppressed is a passed case. What
// is not as expected has failed; what has no verdict is an error, since it is no
// pass and CI hides what is skipped. Where no variant but the run itself does not
// pass, a case named run says why. Its error is the writer's.
func JUnit(w io.Writer, r harness.Record, o Options) error {
	data, err := xml.MarshalIndent(newJUnit(r, o), "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Skipped    int             `xml:"skipped,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Time     string `xml:"time,attr"` // seconds
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Output  *junitText    `xml:"system-out"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	junitText
}

func newJUnit(r harness.Record, o Options) junitSuites {
	v := newView(r, o)
	suite := junitSuite{Name: orUnknown(r.Scenario)}
	for _, f := range v.facts {
		suite.Properties = append(suite.Properties, junitProperty{f[0], f[1]})
	}
	if !r.StartedAt.IsZero() {
		suite.Timestamp = r.StartedAt.UTC().Format("2006-01-02T15:04:05")
	}
	for i, f := range v.findings {
		suite.Cases = append(suite.Cases, newJUnitCase(suite.Name, r.Variants[i], f))
	}
	if c, ok := runCase(r, v, suite.Cases); ok {
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests, suite.Time = len(suite.Cases), seconds(r.Seconds)
	for _, c := range suite.Cases {
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Error != nil {
			suite.Errors++
		}
	}
	return junitSuites{Name: "leaklab", junitCounts: suite.junitCounts, Suites: []junitSuite{suite}}
}

func newJUnitCase(class string, v harness.Result, f finding) junitCase {
	c := junitCase{Class: class, Name: orUnknown(f.name), Time: seconds(v.Verdict.SecondsToVerdict)}
	text := strings.Join(f.lines(), "\n")
	problem := &junitProblem{Message: f.label + ": " + f.reasons[0], Type: orUnknown(string(v.Verdict.Class)), junitText: junitText{text}}
	switch f.tone {
	case good:
		c.Output = &junitText{f.label + "\n" + text}
	case bad:
		c.Failure = problem
	default:
		c.Error = problem
	}
	return c
}

// runCase is for what keeps a run from passing though every variant is as
// expected: a suppression that is not met, an interruption, a self-test that was
// misjudged, which makes all verdicts worthless.
func runCase(r harness.Record, v view, variants []junitCase) (junitCase, bool) {
	c := junitCase{Class: "leaklab", Name: "run", Time: seconds(r.Seconds)}
	problem := &junitProblem{Message: v.because, Type: strings.ToLower(v.verdict), junitText: junitText{v.because}}
	told := slices.ContainsFunc(variants, func(c junitCase) bool { return c.Failure != nil || c.Error != nil })
	switch {
	case r.SelfTest != nil && r.SelfTest.Misjudged():
		c.Error = problem
	case told, r.Outcome == harness.Pass:
		return junitCase{}, false
	case r.Outcome == harness.Fail:
		c.Failure = problem
	default:
		c.Error = problem
	}
	return c, true
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
