package target

import (
	"strings"
	"testing"
)

func TestReadConfig(t *testing.T) {
	long := `"` + strings.Repeat("x", maxConfigBytes) + "\"\n"
	for _, tt := range []struct{ input, want, err string }{
		{"{\"a\":1}\nrest", `{"a":1}`, ""},
		{"null\n", "null", ""},
		{" 7 \r\n", "7", ""},
		{"", "", "0 bytes without an end of line"},
		{"{}", "", "2 bytes without an end of line"},
		{"\n", "", "not JSON"},
		{"{\"key\":\"secret\"\n}\n", "", "line of 16 bytes is not JSON"},
		{long, "", "at most 1024 KiB"},
	} {
		got, err := readConfig(strings.NewReader(tt.input))
		if string(got) != tt.want || (tt.err == "") != (err == nil) || !strings.Contains(errorText(err), tt.err) {
			t.Errorf("readConfig(%.40q) = %q, %v, want %q and error %q", tt.input, got, err, tt.want, tt.err)
		}
		if strings.Contains(errorText(err), "secret") {
			t.Errorf("readConfig(%.40q): its error %q holds the config", tt.input, err)
		}
	}
}

func FuzzReadConfig(f *testing.F) {
	f.Add("{\"a\":1}\n")
	f.Add("{\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, input string) {
		got, err := readConfig(strings.NewReader(input))
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("readConfig(%q) = %q, %v, want a value or an error", input, got, err)
		}
		if again, err := readConfig(strings.NewReader(string(got) + "\n")); got != nil && (err != nil || string(again) != string(got)) {
			t.Errorf("%q is read back as %q, %v", got, again, err)
		}
	})
}
