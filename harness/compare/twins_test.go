package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
	r := runOf20(named("branch", leaky(1000, cache)), named("base", clean()), named("small", clean()), named("small-base", clean()),
		named("v1", clean()), named("other", clean()))
	r.Spec.Variants = []harness.Variant{built("v1", "v1"), built("branch", ""), built("base", "main"),
		built("small", "", "-small"), built("small-base", "main", "-small"), {Name: "other", Handler: "other"}}
	compared := func(names map[string]string) (Comparison, error) {
		base, head, o, err := Split(r, names)
		if err != nil {
			return Comparison{}, err
		}
		return Compare(base, head, o)
	}
	for _, tt := range []struct {
		names map[string]string
		want  []string
	}{
		{nil, []string{"branch base new", "small small-base same", "v1  same", "other  same"}},
		{map[string]string{"other": "base"}, []string{"branch  new", "small  same", "small-base  same", "v1  same", "other base same"}},
	} {
		c, err := compared(tt.names)
		if err != nil || len(c.Removed) > 0 {
			t.Fatalf("%v, removed %v", err, c.Removed)
		}
		var got []string
		for _, v := range c.Variants {
			got = append(got, v.Name+" "+v.BaseName+" "+string(v.Status))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("by %v (-want +got):\n%s", tt.names, diff)
		}
	}
	if _, err := compared(map[string]string{"nobody": "base"}); err == nil {
		t.Error("a variant that is not there: no error")
	}
	r.Spec.Variants = r.Spec.Variants[5:]
	if _, err := compared(nil); err == nil {
		t.Error("no base in the run: no error")
	}
}
