package sweep

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeRefuses(t *testing.T) {
	const valid = `{"schema": "leaklab/sweep/v1", "scenario": "check", "complete": false, "latency_seconds": 0.01, "later": 1,
"points": [{"variant": "set", "state": "to-do"}, {"variant": "array", "state": "done", "figures": {"verdict": "pass"}}]}`
	if _, err := Decode([]byte(valid)); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string][2]string{
		"unexpected end of JSON input":                             {valid, `{`},
		`schema "leaklab/sweep/v9", want "leaklab/sweep/v1"`:       {"sweep/v1", "sweep/v9"},
		"scenario is missing":                                      {`"scenario"`, `"scenarios"`},
		"latency_seconds = -1, want 0 or more":                     {"0.01", "-1"},
		`points[0]: state "to-do" in a sweep that is complete`:     {`"complete": false`, `"complete": true`},
		"points[1]: variant is missing":                            {`"array"`, `""`},
		`points[1]: state "over", want to-do, done or skipped`:     {`"done"`, `"over"`},
		`points[1]: verdict "ok", want pass, fail or inconclusive`: {`"pass"`, `"ok"`},
		"10001 points, want at most 10000":                         {`"points": [`, `"points": [` + strings.Repeat(`{"variant":"a","state":"done"},`, maxPoints-1)},
	} {
		changed := strings.Replace(valid, change[0], change[1], 1)
		if _, err := Decode([]byte(changed)); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// FuzzDecode reads what it has written of whatever it takes as the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `{"schema":"leaklab/sweep/v1","scenario":"x"}`,
		`{"schema":"leaklab/sweep/v1","scenario":"x","load":{"rate":"max","patience":"1s"},"axes":[{"key":"a","values":["1"]}],"points":[{"variant":"a","state":"done","figures":null,"steps":[]}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data)
		if err != nil {
			return
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		again, err := Decode(written)
		if diff := cmp.Diff(s, again); err != nil || diff != "" {
			t.Errorf("%q: error %v, -first +again:\n%s", data, err, diff)
		}
	})
}
