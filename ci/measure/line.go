package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// The measurements.
const (
	aa          = "aa"
	sensitivity = "sensitivity"
)

// line is one verdict: a line of the file.
type line struct {
	Measurement string    `json:"measurement"`
	Service     string    `json:"service"`
	At          time.Time `json:"at"`
	Conditions
	Outcome harness.Outcome `json:"outcome"`
	Class   harness.Class   `json:"class"`
	Driver  harness.Driver  `json:"driver,omitzero"`
	// Requests and Seconds are those of all rounds, experiments included, after
	// which the verdict was settled: requests since the first checkpoint that
	// counts, seconds since the load began, the warm-up included.
	Requests int     `json:"requests"`
	Seconds  float64 `json:"seconds"`
	// Reason is the first of the verdict's, where it is not as expected.
	Reason string `json:"reason,omitzero"`
	// Added is what each fresh segment added, to make other runs of.
	Added []added `json:"added,omitzero"`
}

// Conditions are what a measurement depends on; verdicts under different ones
// are not to be added up.
type Conditions struct {
	GoVersion string `json:"go_version"`
	Platform  string `json:"platform"`
	CPUs      int    `json:"cpus"`
	Rate      string `json:"rate"`
	Segment   int    `json:"segment"`
	Batch     int    `json:"batch"`
	// Parallel is how many runs were under way at the same time; 0: one.
	Parallel int `json:"parallel,omitzero"`
	// Continuous says that nothing was drained or collected for the readings.
	Continuous bool `json:"continuous,omitzero"`
}

func (c Conditions) String() string {
	text := fmt.Sprintf("%s, %s, %d CPUs, %s to each of %d services side by side, segments of %d requests",
		c.GoVersion, c.Platform, c.CPUs, c.Rate, c.Batch, c.Segment)
	if c.Parallel > 1 {
		text += fmt.Sprintf(", %d runs at a time", c.Parallel)
	}
	if c.Continuous {
		text += ", read as they work"
	}
	return text
}

// line is what a record says of one of its variants.
func (m measurement) line(record harness.Record, v harness.Result) line {
	e := record.Environment
	l := line{
		Measurement: m.name,
		Service:     v.Name,
		At:          record.StartedAt,
		Conditions: Conditions{
			GoVersion: e.GoVersion, Platform: e.OS + "/" + e.Arch, CPUs: e.CPUs,
			Rate: m.rate.String(), Segment: m.segment, Batch: m.batch, Continuous: m.continuous,
		},
		Outcome:  v.Verdict.Outcome,
		Class:    v.Verdict.Class,
		Driver:   v.Verdict.Driver,
		Requests: v.Verdict.RequestsToVerdict,
		Seconds:  v.Verdict.SecondsToVerdict,
	}
	if m.parallel > 1 {
		l.Parallel = m.parallel
	}
	if m.name == aa {
		l.Added = addedBy(v.Checkpoints)
	}
	if !v.AsExpected && len(v.Verdict.Reasons) > 0 {
		l.Reason = v.Verdict.Reasons[0].Text
	}
	return l
}

// appendLines writes whole lines at once, so that a run is in the file or not.
func appendLines(w io.Writer, lines []line) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	for _, l := range lines {
		if err := encoder.Encode(l); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// maxLine is the length of the longest line, in bytes: 60 segments take 4 KB.
const maxLine = 1 << 20

// readFiles reads the lines of all files.
func readFiles(names []string) ([]line, error) {
	var lines []line
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		read, err := readLines(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		lines = append(lines, read...)
	}
	return lines, nil
}

// readLines reads what appendLines wrote.
func readLines(r io.Reader) ([]line, error) {
	var lines []line
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	for n := 1; scanner.Scan(); n++ {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if l.Measurement != aa && l.Measurement != sensitivity {
			return nil, fmt.Errorf("line %d: measurement %q, want %s or %s", n, l.Measurement, aa, sensitivity)
		}
		lines = append(lines, l)
	}
	return lines, scanner.Err()
}

// summary is a run in a line, for whoever waits.
func summary(lines []line) string {
	var parts []string
	for _, l := range lines {
		parts = append(parts, fmt.Sprintf("%s %s (%s, %.1f s)", l.Service, l.Outcome, l.Class, l.Seconds))
	}
	return strings.Join(parts, ", ")
}
