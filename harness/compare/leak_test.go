package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestLeaks(t *testing.T) {
	small := changedSite(session, func(b *harness.Blame) { b.Share = 0.02 })
	lower := changedSite(cache, func(b *harness.Blame) { b.Line = 52 })
	elsewhere := changedSite(cache, func(b *harness.Blame) { b.File = `C:\build\app\cache.go` })
	renamedCaller := changedSite(cache, func(b *harness.Blame) { b.Fingerprint = "cccccccccccc" })
	for _, tt := range []struct {
		name       string
		base, head harness.Result
		want       []string
	}{
		{"new", clean(), leaky(1000, cache), []string{"new app.(*Cache).Put"}},
		{"fixed", leaky(1000, cache), clean(), []string{"fixed app.(*Cache).Put"}},
		{"another", leaky(1000, cache), leaky(1000, session), []string{"new app.NewSession", "fixed app.(*Cache).Put"}},
		{"at another line", leaky(1000, cache), leaky(1000, lower), []string{"persisting moved app.(*Cache).Put"}},
		{"two lines of a function", leaky(1000, cache, lower), leaky(1000, lower, cache), []string{"persisting app.(*Cache).Put", "persisting app.(*Cache).Put"}},
		{"a second line", leaky(1000, cache), leaky(1000, cache, lower), []string{"persisting app.(*Cache).Put", "new app.(*Cache).Put"}},
		{"built elsewhere", leaky(1000, cache), leaky(1000, elsewhere), []string{"persisting app.(*Cache).Put"}},
		{"another caller", leaky(1000, cache), leaky(1000, renamedCaller), []string{"persisting moved app.(*Cache).Put"}},
		{"a second caller", leaky(1000, cache), leaky(1000, cache, renamedCaller), []string{"persisting app.(*Cache).Put", "new app.(*Cache).Put"}},
		{"notable now", leaky(1000, cache, small), leaky(1000, cache, session), []string{"persisting app.(*Cache).Put", "persisting app.NewSession"}},
		{"notable before", leaky(1000, cache, session), leaky(1000, cache, small), []string{"persisting app.(*Cache).Put", "persisting app.NewSession"}},
		{"noise of a clean base", changed(clean(), func(v *harness.Result) { v.Blame = []harness.Blame{cache} }), leaky(1000, cache), []string{"new app.(*Cache).Put"}},
		{"no site", clean(), leaky(1000), []string{"new "}},
		{"no site any more", leaky(1000, cache), leaky(1000), []string{"persisting "}},
		{"no site before", leaky(1000), leaky(1000, cache), []string{"persisting app.(*Cache).Put"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Compare(runOf20(tt.base), runOf20(tt.head), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range c.Variants[0].Leaks {
				text := string(l.State) + " "
				if l.Moved {
					text += "moved "
				}
				if l.Head != nil {
					text += l.Head.Function
				} else {
					text += l.Base.Function
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("leaks (-want +got):\n%s", diff)
			}
		})
	}
}

func changedSite(b harness.Blame, change func(*harness.Blame)) harness.Blame {
	change(&b)
	return b
}
