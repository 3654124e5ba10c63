package reports

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestFigure(t *testing.T) {
	for name, test := range map[string]struct {
		verdict harness.Verdict
		want    string
	}{
		"slope":     {harness.Verdict{Class: harness.Leak, SlopeBytesPerRequest: new(2048.0)}, "2 KiB per request"},
		"keys":      {harness.Verdict{Class: harness.Leak, Driver: harness.PerKey, Parts: []harness.Part{{Driver: harness.PerRequest, Bytes: 1}, {Driver: harness.PerKey, Bytes: 512}}}, "512 B per new key"},
		"time":      {harness.Verdict{Class: harness.Leak, Driver: harness.PerTime, Parts: []harness.Part{{Driver: harness.PerTime, Bytes: 64, Unit: "second"}}}, "64 B per second"},
		"goroutine": {harness.Verdict{Class: harness.Goroutine, GoroutinesPerRequest: new(1.0), SlopeBytesPerRequest: new(9.0)}, "1 goroutine per request"},
		"off-heap": {harness.Verdict{Class: harness.Footprint, SlopeBytesPerRequest: new(9.0),
			Reasons: []harness.Reason{{Code: "slope", Measured: 9}, {Code: "off-heap", Measured: 1024}}}, "1 KiB off-heap per request"},
		"shrank, but not in objects": {harness.Verdict{Class: harness.Leak, SlopeBytesPerRequest: new(-5.0),
			Reasons: []harness.Reason{{Code: "objects", Measured: 2, Unit: "objects/request"}}}, "2 objects per request"},
		"shrinks": {harness.Verdict{Class: harness.Leak, SlopeBytesPerRequest: new(-5.0)}, " "},
		"nothing": {harness.Verdict{Class: harness.Footprint}, " "},
	} {
		if amount, per := figure(harness.Result{Verdict: test.verdict}); amount+" "+per != test.want {
			t.Errorf("%s: %q, want %q", name, amount+" "+per, test.want)
		}
	}
}

func TestAnswerCounts(t *testing.T) {
	variant := func(name string, outcome harness.Outcome, class harness.Class) harness.Result {
		return harness.Result{Name: name, Verdict: harness.Verdict{Outcome: outcome, Class: class}}
	}
	clean, over, unsure := variant("c", harness.Pass, harness.Steady), variant("o", harness.Fail, harness.Plateau), variant("u", harness.Inconclusive, harness.Unsettled)
	leak := variant("l", harness.Fail, harness.Leak)
	for want, variants := range map[string][]harness.Result{
		"Nothing was measured":                       nil,
		"No leak found":                              {clean, clean},
		"l leaks":                                    {clean, over, leak, unsure},
		"2 of 3 variants leak":                       {leak, leak, over},
		"o is over its budget":                       {clean, over, unsure},
		"2 of 2 variants are over their budget":      {over, over},
		"Not known yet whether u leaks":              {clean, unsure},
		"Not known yet whether 2 of 3 variants leak": {unsure, clean, unsure},
	} {
		if got := answer(nil, variants).Text; got != want {
			t.Errorf("the answer is %q, want %q", got, want)
		}
	}
}
