package reports

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestPprofCommand(t *testing.T) {
	profiles := func(names ...string) (all []harness.Checkpoint) {
		for _, n := range names {
			all = append(all, harness.Checkpoint{Profile: n})
		}
		return all
	}
	for _, c := range []struct {
		dir      string
		profiles []string
		want     string
	}{
		{"", []string{"p/0", "p/1", "p/2"}, "go tool pprof -diff_base p/0 p/2"},
		{"out", []string{"", "p/1", ""}, ""},
		{"my out", []string{"p/0", "p/1"}, "go tool pprof -diff_base 'my out/p/0' 'my out/p/1'"},
		{"-o", []string{"p/0", "p/1"}, "go tool pprof -diff_base ./-o/p/0 ./-o/p/1"},
		{"", []string{"a;rm x", "it's"}, `go tool pprof -diff_base 'a;rm x' 'it'\''s'`},
		{`out\run`, []string{"p/0", "p/1"}, "go tool pprof -diff_base out/run/p/0 out/run/p/1"},
	} {
		if got := pprofCommand(profiles(c.profiles...), c.dir); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.dir, c.profiles, got, c.want)
		}
	}
}

func TestRepeatCommand(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{nil, ""},
		{[]string{"leaklab", "run", "fraud-check"}, "leaklab run fraud-check"},
		{[]string{"leaklab", "run", "--out=out", "--force=true", "--set=load.rate=50/s", "--json=true", "--quiet=true", "--report=junit=a.xml"},
			"leaklab run --set=load.rate=50/s"},
		{[]string{"leaklab", "attach", "--url=http://127.0.0.1:8080", "--request=GET /items/{{seq}}?q='x'"},
			`leaklab attach --url=http://127.0.0.1:8080 '--request=GET /items/{{seq}}?q='\''x'\'''`},
		{[]string{"leaklab", "run", "", "$(a)"}, "leaklab run '' '$(a)'"},
	} {
		if got := repeatCommand(harness.Record{Command: test.words}); got != test.want {
			t.Errorf("%q: %s, want %s", test.words, got, test.want)
		}
	}
}
