package compare

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestSplit(t *testing.T) {
	built := func(name, revision string, args ...string) harness.Variant {
		return harness.Variant{Name: name, Build: harness.Build{Package: "./cmd/server", Revision: revision, Args: args}}
	}
	named := func(name string, v harness.Result) harness.Result {
		v.Name = name
		return v
	}
	r := runOf20(named("v1", leaky(9000, session)), named("branch", leaky(1000, cache)), named("base", clean()), named("small", clean()), named("small-base", clean()), named("other", clean()))
	r.Spec.Variants = []harness.Variant{
		built("v1", "v1"), built("branch", ""), built("base", "main"), built("small", "", "-small"), built("small-base", "main", "-small"), {Name: "other", Handler: "other"},
	}
	compared := func(names map[string]string) (Comparison, error) {
		base, head, o, err := Split(r, names)
		if err != nil {
			return Comparison{}, err
		}
		return Compare(base, head, o)
	}
	c, err := compared(nil)
	if err != nil || len(c.Variants) != 2 || len(c.Removed) > 0 {
		t.Fatalf("%+v, %v; want two pairs", c.Variants, err)
	}
	if v := c.Variants[0]; v.Name != "branch" || v.BaseName != "base" || v.Status != StatusNew {
		t.Errorf("%s against %s: %s, want branch against base: new", v.Name, v.BaseName, v.Status)
	}
	if v := c.Variants[1]; v.Name != "small" || v.BaseName != "small-base" || v.Status != StatusSame {
		t.Errorf("%s against %s: %s, want small against small-base: same", v.Name, v.BaseName, v.Status)
	}
	c, err = compared(map[string]string{"other": "base"})
	if err != nil || len(c.Variants) != 1 || c.Variants[0].BaseName != "base" {
		t.Errorf("%+v, %v; want other against base alone", c.Variants, err)
	}
	if _, err := compared(map[string]string{"nobody": "base"}); err == nil {
		t.Error("a variant that is not there: no error")
	}
	r.Spec.Variants = r.Spec.Variants[5:]
	if _, err := compared(nil); err == nil {
		t.Error("no base in the run: no error")
	}
}
