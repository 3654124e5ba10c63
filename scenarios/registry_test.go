package scenarios

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

func TestResolveRefusesVariantsOfTwoCases(t *testing.T) {
	before := cases
	t.Cleanup(func() { cases = before })
	cases = append(Cases(), Case{
		Name:     "other",
		Defaults: fraudcheck.DefaultData(),
		Handlers: []Handler{{Name: "leaky/other"}},
	})
	_, err := Resolve(harness.Scenario{
		Name: "x",
		Load: harness.DefaultLoad(),
		Variants: []harness.Variant{
			{Name: "a", Handler: "leaky/fraudcheck"},
			{Name: "b", Handler: "leaky/other"},
		},
	})
	want := `scenario "x": variants.b.handler = "leaky/other" of case other, want one of case fraudcheck as before`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error\n got %v\nwant %s", err, want)
	}
}
