package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

func TestGrowth(t *testing.T) {
	request := harness.Part{Driver: harness.PerRequest, Bytes: 32, Objects: 1, Unit: "request"}
	key := harness.Part{Driver: harness.PerKey, Bytes: 336, Objects: 2.5, Unit: "key"}
	second := harness.Part{Driver: harness.PerTime, Bytes: -3, Objects: 4, Unit: "second"}
	connection := harness.Part{Driver: harness.PerConnection, Bytes: 2048, Objects: -1, Goroutines: 1, Unit: "connection"}
	for name, test := range map[string]struct {
		driver  harness.Driver
		parts   []harness.Part
		outcome harness.Outcome
		want    []string
	}{
		"unknown": {"", nil, harness.Fail, []string{}},
		"request": {harness.PerRequest, []harness.Part{request}, harness.Fail,
			[]string{"grows with every request, the same requests again included", "32 B in 1 object per request"}},
		"key": {harness.PerKey, []harness.Part{key}, harness.Fail,
			[]string{"grows with every new key, not with a repeated one", "336 B in 2.5 objects per new key"}},
		"key and request": {harness.PerKey, []harness.Part{request, key}, harness.Fail,
			[]string{"grows with every new key", "336 B in 2.5 objects per new key; 32 B in 1 object per request beside it"}},
		"next to nothing beside it": {harness.PerRequest, []harness.Part{
			{Driver: harness.PerKey, Bytes: 83, Objects: 0.03, Unit: "key"}, {Driver: harness.PerRequest, Bytes: 78932, Objects: 1012, Unit: "request"},
		}, harness.Fail, []string{"grows with every request, the same requests again included", "77.1 KiB in 1 012 objects per request"}},
		"time": {harness.PerTime, []harness.Part{second}, harness.Fail,
			[]string{"grows with time, without any load", "4 objects per second"}},
		"connection": {harness.PerConnection, []harness.Part{connection}, harness.Fail,
			[]string{"grows with every new connection", "1 goroutine, 2 KiB per new connection"}},
		"an end to it": {harness.PerKey, []harness.Part{key}, harness.Pass, []string{"336 B in 2.5 objects per new key"}},
		"nothing":      {"", []harness.Part{{Driver: harness.PerKey, Bytes: -8}}, harness.Inconclusive, []string{}},
	} {
		got := growth(harness.Verdict{Outcome: test.outcome, Driver: test.driver, Parts: test.parts})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
