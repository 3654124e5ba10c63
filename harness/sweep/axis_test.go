package sweep

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAxis(t *testing.T) {
	for text, want := range map[string][]string{
		"100,1000":            {"100", "1000"},
		" 100 , 1000 ":        {"100", "1000"},
		"100/s":               {"100/s"},
		"":                    {""},
		"[a, b],[c]":          {"[a, b]", "[c]"},
		`"a,b",c`:             {`"a,b"`, "c"},
		"{x: 1, y: [2, 3]},4": {"{x: 1, y: [2, 3]}", "4"},
		`'[',b`:               {`'['`, "b"},
		`"{",b`:               {`"{"`, "b"},
		"a],b":                {"a]", "b"},
		"größer,ü":            {"größer", "ü"},
	} {
		axis, err := ParseAxis("k", text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(Axis{Key: "k", Values: want}, axis); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseAxisRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"1,,2":                                "an empty value",
		"1,":                                  "an empty value",
		"1,2,1":                               `"1" is there twice`,
		strings.Repeat("1,", maxValues) + "1": "101 values, want at most 100",
	} {
		if _, err := ParseAxis("k", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

// FuzzParseAxis wants the values, put together again, to be the text but for white
// space, and each value on its own to be one value.
func FuzzParseAxis(f *testing.F) {
	for _, seed := range []string{"100,1000", "[a, b],c", `"a,b",c`, "{x: 1, y: [2, 3]},4", "'[',b", "]", "[", "ä,ö", "\xff,1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		axis, err := ParseAxis("k", text)
		if err != nil {
			return
		}
		unspaced := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := strings.Join(axis.Values, ","); unspaced(got) != unspaced(text) {
			t.Errorf("%q became %q", text, axis.Values)
		}
		for _, v := range axis.Values {
			if again, err := ParseAxis("k", v); err != nil || len(again.Values) != 1 {
				t.Errorf("%q of %q is %q, %v", v, text, again.Values, err)
			}
		}
	})
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"100": 100, "1e3": 1000, "4KiB": 4096, "300s": 300, "100/s": 100, "60/m": 1,
		"max": 0, "0": 0, "-1": 0, "inf": 0, "NaN": 0, "always": 0, "": 0,
	} {
		got, ok := Number(text)
		if ok != (want > 0) || ok && got != want {
			t.Errorf("Number(%q) = %v, %v, want %v", text, got, ok, want)
		}
	}
}
