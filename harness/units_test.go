package harness

import (
	"encoding"
	"math"
	"strings"
	"testing"
	"time"
)

// readAs reads a text as one of the types that a scenario holds.
var readAs = map[string]func(text string) (encoding.TextMarshaler, error){
	"bytes":      func(text string) (encoding.TextMarshaler, error) { return read[Bytes](text) },
	"duration":   func(text string) (encoding.TextMarshaler, error) { return read[Duration](text) },
	"rate":       func(text string) (encoding.TextMarshaler, error) { return read[Rate](text) },
	"growth":     func(text string) (encoding.TextMarshaler, error) { return read[Growth](text) },
	"oom":        func(text string) (encoding.TextMarshaler, error) { return read[TimeToOOM](text) },
	"print":      func(text string) (encoding.TextMarshaler, error) { return read[Fingerprint](text) },
	"slope":      func(text string) (encoding.TextMarshaler, error) { return read[BytesPerRequest](text) },
	"goroutines": func(text string) (encoding.TextMarshaler, error) { return read[CountPerRequest](text) },
}

func read[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](text string) (T, error) {
	var v T
	err := P(&v).UnmarshalText([]byte(text))
	return v, err
}

func TestTextForms(t *testing.T) {
	for _, test := range []struct{ kind, text, want string }{
		{"bytes", "512", "512B"}, {"bytes", "64KiB", "64KiB"}, {"bytes", "1.5 gib", "1536MiB"}, {"bytes", "10MB", "10000000B"}, {"bytes", "0", "0B"},
		{"duration", "300s", "5m0s"}, {"duration", " 0 ", "0s"},
		{"rate", "100/s", "100/s"}, {"rate", "100", "100/s"}, {"rate", "6000/min", "100/s"}, {"rate", "MAX", "max"}, {"rate", "0.5 / s", "0.5/s"},
		{"growth", "50MiB/30s", "50MiB/30s"}, {"growth", "0/1s", "0B/1s"},
		{"oom", "24h/1GiB", "24h0m0s/1GiB"}, {"oom", " 90m / 512 MiB", "1h30m0s/512MiB"},
		{"slope", "16B/request", "16B/request"}, {"slope", "0.5B/request", "0.5B/request"}, {"slope", "1.5KiB/request", "1536B/request"},
		{"goroutines", "0.001/request", "0.001/request"}, {"print", "0123456789ab", "0123456789ab"},
	} {
		v, err := readAs[test.kind](test.text)
		if err != nil {
			t.Errorf("%s %q: %v", test.kind, test.text, err)
			continue
		}
		if got := text(v); got != test.want {
			t.Errorf("%s %q reads as %s, want %s", test.kind, test.text, got, test.want)
		}
	}
}

func TestTextFormsRefuse(t *testing.T) {
	for kind, texts := range map[string][]string{
		"bytes":      {"", "x", "-1", "NaN", "inf", "1e30", "10 apples", "KiB"},
		"duration":   {"", "5", "x", "1 fortnight"},
		"rate":       {"", "x", "1/h", "NaN", "inf/s", "1/s/s", "/s"},
		"growth":     {"", "50MiB", "50MiB/", "/30s", "50MiB/0s", "50MiB/-1s", "-1/1s", "1/1s/1s"},
		"oom":        {"", "24h", "24h/", "/1GiB", "0s/1GiB", "-1h/1GiB", "24h/0", "24h/-1", "1GiB/24h", "24h/1GiB/1"},
		"print":      {"", "0123456789a", "0123456789abc", "0123456789AB", "0123456789ab ", "0x3456789abc"},
		"slope":      {"", "16B", "16", "-1B/request", "NaN/request", "x/request", "16B/s"},
		"goroutines": {"", "0.1", "-1/request", "NaN/request", "Inf/request", "x/request"},
	} {
		for _, text := range texts {
			v, err := readAs[kind](text)
			if err == nil {
				t.Errorf("%s %q reads as %v, want an error", kind, text, v)
			} else if !strings.Contains(err.Error(), "want") {
				t.Errorf("%s %q: %q does not say what is wanted", kind, text, err)
			}
		}
	}
}

// FuzzTextForms looks for panics, and for texts that do not read the same again
// once written.
func FuzzTextForms(f *testing.F) {
	for _, text := range []string{"512", "1.5GiB", "300s", "100/s", "max", "50MiB/30s", "24h/1GiB", "16B/request", "0.001/request", "1e3", "-0/request"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, given string) {
		for kind, as := range readAs {
			v, err := as(given)
			if err != nil {
				continue
			}
			again, err := as(text(v))
			if err != nil || again != v {
				t.Errorf("%s %q: %v is written as %q and read as %v, error %v", kind, given, v, text(v), again, err)
			}
		}
	})
}

func TestFormat(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0 B", 0.004: "0 B", 0.4: "0.4 B", 9.996: "10 B", 1023: "1023 B", 1023.6: "1 KiB", 54374: "53.1 KiB", -2048: "-2 KiB",
		float64(5 * TiB): "5 TiB", float64(9000 * TiB): "9000 TiB",
	} {
		if got := FormatBytes(v); got != want {
			t.Errorf("FormatBytes(%v) = %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{
		0: "0", 0.02: "0.02", 1.016: "1.02", 999.4: "999", 999.6: "1 000", 140_000: "140 000", -1_234_567: "-1 234 567",
	} {
		if got := strings.ReplaceAll(FormatCount(v), "\u2009", " "); strings.ReplaceAll(got, "\u00a0", " ") != want {
			t.Errorf("FormatCount(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestRateIsMax(t *testing.T) {
	if !MaxRate.IsMax() || Rate(100).IsMax() || Rate(math.Inf(-1)).IsMax() {
		t.Error("only the closed loop's rate is the maximum")
	}
	if Duration(1500*time.Millisecond).Seconds() != 1.5 {
		t.Error("1.5 s is not 1.5 seconds")
	}
}
