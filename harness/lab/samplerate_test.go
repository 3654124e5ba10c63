package lab

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestDoubt(t *testing.T) {
	const coarse = 512 * harness.KiB
	from := func(samples int64, low float64) []harness.Blame {
		return []harness.Blame{{Samples: samples, BytesPerRequestLow: &low}, {Samples: 99}}
	}
	for name, c := range map[string]struct {
		sites    []harness.Blame
		rate     harness.Bytes
		doubtful bool
	}{
		"no site":                   {nil, fineRate, true},
		"enough objects":            {from(5, 1), coarse, false},
		"too few":                   {from(4, 1), coarse, true},
		"few, and no interval":      {[]harness.Blame{{Samples: 4}}, coarse, true},
		"few, but sampled finely":   {from(1, 1), fineRate, false},
		"a candidate":               {from(13, 0), coarse, true},
		"a candidate, sampled well": {from(13, -1), fineRate, true},
	} {
		if samples, doubtful := doubt(c.sites, c.rate); doubtful != c.doubtful || len(c.sites) > 0 && samples != c.sites[0].Samples {
			t.Errorf("%s: doubtful %t by %d samples, want %t", name, doubtful, samples, c.doubtful)
		}
	}
}

// A leak that is paid per connection has a slope per request that says nothing, but
// has sites all the same.
func TestALeakWithoutASlopeHasSites(t *testing.T) {
	slope := 1.2
	v := harness.Verdict{Outcome: harness.Fail, Class: harness.Leak, Driver: harness.PerConnection, SlopeLow: &slope, SlopeBytesPerRequest: &slope}
	if o := blameOptions(v, nil, 1); o.Slope != 0 || !o.Grows {
		t.Errorf("%+v, want growth without a slope", o)
	}
	v.Outcome, v.Driver = harness.Pass, ""
	if o := blameOptions(v, nil, 1); o.Slope != slope || o.Grows {
		t.Errorf("of a pass: %+v, want its slope, and no growth that is certain", o)
	}
}
