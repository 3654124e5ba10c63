package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

var conditions = Conditions{GoVersion: "go1.26.0", Platform: "linux/amd64", CPUs: 2, Rate: "1000/s", Segment: 100, Batch: 6}

// verdict is a line of a file, as measured at noon.
func verdict(measurement, service string, outcome harness.Outcome, class harness.Class, requests int) line {
	return line{
		Measurement: measurement, Service: service, Conditions: conditions,
		At:      time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
		Outcome: outcome, Class: class, Requests: requests, Seconds: float64(requests) / 1000,
	}
}

func TestReportOfAA(t *testing.T) {
	lines := []line{
		verdict(aa, "json", harness.Pass, harness.Steady, 2000),
		verdict(aa, "json", harness.Pass, harness.Step, 3000),
		verdict(aa, "json", harness.Pass, harness.Step, 7000),
		verdict(aa, "lru-500", harness.Fail, harness.Leak, 1000),
		verdict(aa, "lru-500", harness.Inconclusive, harness.Unsettled, 6000),
	}
	want := `
go1.26.0, linux/amd64, 2 CPUs, 1000/s to each of 6 services side by side, segments of 100 requests; 2026-11-24 12:00 to 2026-11-24 12:00 UTC.

| service | what it does | fail | inconclusive | classes | s to verdict, median / max |
|---|---|---|---|---|---|
| json | decodes and encodes a document | 0 of 3 | 0 of 3 | 2 step, 1 steady | 3.0 / 7.0 |
| lru-500 | caches 500 keys, full at request 500 | 1 of 2 | 1 of 2 | 1 leak, 1 unsettled | 3.5 / 6.0 |

False alarms: **1 of 5 real runs, 95 % upper bound 66 %**. Inconclusive: 1 of 5, 95 % upper bound 66 %.

`
	if diff := cmp.Diff(map[string]string{aa: want}, tables(lines)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestReportOfSensitivity(t *testing.T) {
	caught := verdict(sensitivity, "list-8", harness.Fail, harness.Leak, 900)
	caught.Driver = harness.PerRequest
	lines := []line{
		caught,
		verdict(sensitivity, "list-8", harness.Inconclusive, harness.Unsettled, 6000),
		verdict(sensitivity, "ints", harness.Pass, harness.Capacity, 6000),
	}
	slower := caught
	slower.Rate = "100/s"
	text := tables(append(lines, slower))[sensitivity]
	for _, want := range []string{
		"| list-8 | 8 B a request, linked nodes | 1 of 2 | 1 inconclusive | 900 / 900 | 0.9 / 0.9 | 1 request |\n",
		"| ints | 8 B a request, appended to a []int | 0 of 1 | 1 pass | – | – |  |\n",
		"100/s to each",
		"| list-8 | 8 B a request, linked nodes | 1 of 1 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

func TestFillKeepsTheRest(t *testing.T) {
	document := "before\n<!-- aa -->\nold\n<!-- /aa -->\nafter\n<!-- sensitivity -->\nkept\n<!-- /sensitivity -->\n"
	got, err := fill(document, map[string]string{aa: "new\n"})
	if want := strings.Replace(document, "old", "new", 1); err != nil || got != want {
		t.Errorf("fill = %q, %v, want %q", got, err, want)
	}
	if got, err := fill("no markers", map[string]string{aa: "new\n"}); err == nil {
		t.Errorf("fill without markers = %q, want an error", got)
	}
}

func FuzzReadLines(f *testing.F) {
	var written bytes.Buffer
	if err := appendLines(&written, []line{verdict(aa, "json", harness.Pass, harness.Steady, 1), verdict(sensitivity, "ints", harness.Fail, harness.Leak, 2)}); err != nil {
		f.Fatal(err)
	}
	f.Add(written.String())
	f.Add(`{"measurement":"other"}`)
	f.Add(written.String()[:100])
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := readLines(strings.NewReader(text))
		if err != nil {
			return
		}
		tables(lines)
		var again bytes.Buffer
		if err := appendLines(&again, lines); err != nil {
			return // a year that JSON cannot write
		}
		reread, err := readLines(&again)
		if diff := cmp.Diff(lines, reread); err != nil || diff != "" {
			t.Errorf("written and read again: %v (-want +got):\n%s", err, diff)
		}
	})
}
