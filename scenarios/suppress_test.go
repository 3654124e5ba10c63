package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

var known = []harness.Suppression{
	{Fingerprint: "123456789012", Reason: "known: it \"leaks\" # here", Until: "2027-02-22"},
	{Fingerprint: "0f70715f7fee", Reason: "known", Until: "2027-02-22"},
}

const scenarioText = `# The gate of the checkout.
name: app   # its name
variants:
  - {name: app, handler: leaky/fraudcheck} # the one and only
`

func TestAddSuppressions(t *testing.T) {
	const block = `suppressions:
  - fingerprint: "123456789012"
    reason: "known: it \"leaks\" # here"
    until: "2027-02-22"
  - fingerprint: 0f70715f7fee
    reason: known
    until: "2027-02-22"
`
	const entry = "- {fingerprint: aaaaaaaaaaaa, reason: old, until: 2026-12-31} # ticket 7\n"
	_, entries, _ := strings.Cut(block, "\n")
	for _, tt := range []struct{ name, text, want string }{
		{"none before", scenarioText, scenarioText + block},
		{"no end of line", strings.TrimSuffix(scenarioText, "\n"), scenarioText + block},
		{"some before", scenarioText + "suppressions:\n  # until the release\n  " + entry, scenarioText + "suppressions:\n  # until the release\n" + entries + "  " + entry},
		{"not indented", "suppressions:\n" + entry + scenarioText, "suppressions:\n" + strings.ReplaceAll(entries[2:], "\n  ", "\n") + entry + scenarioText},
	} {
		got, err := AddSuppressions("app.yaml", []byte(tt.text), known)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAddSuppressionsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"on one line": scenarioText + "suppressions: [{fingerprint: aaaaaaaaaaaa, reason: old, until: 2026-12-31}]\n",
		"empty":       scenarioText + "suppressions: []\n",
		"no value":    scenarioText + "suppressions:\n",
		"in JSON":     `{"name": "app", "variants": [{"name": "app", "handler": "leaky/fraudcheck"}]}`,
		"a mistake":   scenarioText + "nmae: app\n",
		"two":         scenarioText + "---\nname: b\n",
	} {
		if got, err := AddSuppressions("app.yaml", []byte(text), known); err == nil || got != nil || !strings.Contains(err.Error(), "app.yaml") {
			t.Errorf("%s: %v, want an error that names the file:\n%s", name, err, got)
		}
	}
}

// FuzzAddSuppressions: what is added is all that changes, and every line that was
// there stays.
func FuzzAddSuppressions(f *testing.F) {
	seeds, err := filepath.Glob("*.yaml")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add(scenarioText + "suppressions:\n- {fingerprint: aaaaaaaaaaaa, reason: old, until: 2026-12-31}\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := AddSuppressions("fuzz.yaml", []byte(text), known)
		if err != nil {
			return
		}
		before, _ := Decode("fuzz.yaml", []byte(text), nil)
		after, err := Decode("fuzz.yaml", got, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(after.Suppressions) - len(before.Suppressions); n != len(known) {
			t.Errorf("%d added, want %d", n, len(known))
		}
		rest := string(got)
		for line := range strings.Lines(text) {
			_, after, found := strings.Cut(rest, strings.TrimSuffix(line, "\n"))
			if !found {
				t.Fatalf("the line %q is gone:\n%s", line, got)
			}
			rest = after
		}
	})
}
