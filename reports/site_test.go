package reports

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

// A goroutine is not allocated, not sampled, and of no bytes.
func TestSiteOfGoroutines(t *testing.T) {
	r := goldenRecord(t)
	b := harness.Blame{Function: "main.search", File: "main.go", Line: 16, GrowthGoroutines: 22431, GoroutinesPerRequest: 1, Share: 1, Samples: 22431}
	r.Variants[0].Expect, r.Variants[0].Blame = harness.ExpectClean, []harness.Blame{b}
	f := newFinding(r, r.Variants[0], Options{})
	if got, want := f.verb(f.sites[0])+" at "+f.sites[0].String(), "started at main.go:16  main.search  100 % of the goroutines that never ended: 22 431"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if row := strings.Join(siteGrid(r, Options{}).rows[0], "|"); !strings.Contains(row, "|22 431 goroutines|1|") {
		t.Errorf("row of the site: %s", row)
	}
}

// Two lines of a function are one leak: it is named once.
func TestFingerprintsOnce(t *testing.T) {
	r := goldenRecord(t)
	v := r.Variants[0]
	v.Expect = harness.ExpectClean
	v.Blame = []harness.Blame{{Line: 23, Fingerprint: "f40b2880cd86"}, {Line: 45, Fingerprint: "569cb671079d"}, {Line: 24, Fingerprint: "f40b2880cd86"}}
	if diff := cmp.Diff([]string{"f40b2880cd86", "569cb671079d"}, newFinding(r, v, Options{}).fingerprints); diff != "" {
		t.Errorf("fingerprints (-want +got):\n%s", diff)
	}
}

// The line of net/http that reads a request is nobody's mistake.
func TestSiteOfARequest(t *testing.T) {
	r := goldenRecord(t)
	v := r.Variants[0]
	v.Blame = []harness.Blame{{Function: "net/textproto.(*Reader).ReadLine", File: "net/textproto/reader.go", Line: 45, Share: 0.65, Samples: 13,
		Stack: []harness.Frame{{Function: "net/textproto.(*Reader).ReadLine"}, {Function: "net/http.(*conn).readRequest"}}}}
	if said := newFinding(r, v, Options{}).sites[0].String(); !strings.HasSuffix(said, "a part of the request, such as its path: look for what keeps one") {
		t.Errorf("site: %q", said)
	}
	if first := newHTMLFinding(r, v, Options{}, limits{texts: 9}).Steps[0].Text; !strings.Contains(first, "what keeps a part of the request") {
		t.Errorf("first step: %q", first)
	}
}

// The line of a library says little of whose mistake it is: the report names the
// user's line that called it, in a module that is known and in one that is not.
func TestCaller(t *testing.T) {
	const module, elsewhere, driver = "/src/m/store/store.go", "/home/u/svc/store.go", "/src/go/pkg/mod/a.org/b@v1.0.0/b.go"
	frame := func(file string) harness.Frame {
		return harness.Frame{Function: "a.org/m/store.(*Store).Add", File: file, Line: 31}
	}
	trimmed := []harness.Frame{frame("a.org/b@v1.0.0/b.go"), frame("database/sql/sql.go"), frame("m.org/store/store.go")}
	for name, test := range map[string]struct {
		file  string
		stack []harness.Frame
		want  string
	}{
		"in the module":      {driver, []harness.Frame{frame(driver), frame("/usr/local/go/src/database/sql/sql.go"), frame(module)}, "store/store.go:31  store.(*Store).Add"},
		"in one not known":   {driver, []harness.Frame{frame(driver), frame(elsewhere)}, "/home/u/svc/store.go:31  store.(*Store).Add"},
		"with trimmed paths": {trimmed[0].File, trimmed, "m.org/store/store.go:31  store.(*Store).Add"},
		"of another drive":   {driver, []harness.Frame{frame(`D:\svc\store.go`)}, "D:/svc/store.go:31  store.(*Store).Add"},
		"the site itself":    {module, []harness.Frame{frame(module), frame(module)}, ""},
		"not in the stack":   {driver, []harness.Frame{frame(driver)}, ""},
	} {
		r := goldenRecord(t)
		r.Environment.SourceRoot = "/src/m"
		v := r.Variants[0]
		v.Blame = []harness.Blame{{Function: "a.org/b.Open", File: test.file, Line: 9, Stack: test.stack}}
		f := newFinding(r, v, Options{})
		if got := f.sites[0].caller; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if said := strings.Contains(strings.Join(f.lines(), "\n"), "called at "+test.want); said != (test.want != "") {
			t.Errorf("%s: said: %t\n%s", name, said, strings.Join(f.lines(), "\n"))
		}
		r.Variants = []harness.Result{v}
		for ext, draw := range map[string]func(io.Writer, harness.Record, Options) error{"text": Text, "Markdown": Markdown, "HTML": HTML} {
			if said := strings.Contains(render(t, draw, r, Options{}), "called at "); said != (test.want != "") {
				t.Errorf("%s: %s says who called: %t", name, ext, said)
			}
		}
	}
}
