package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// TestEveryFormatInOneRun writes each format as a run goes, and wants the record
// to give the same again.
func TestEveryFormatInOneRun(t *testing.T) {
	s := newShell(t)
	line := "run ./single.yaml --no-self-test --quiet --out out"
	begins := map[string]string{
		"text": "single · ", "html": "<!doctype html>", "markdown": "<!-- leaklab:single -->\n## PASS: single",
		"junit": "<?xml ", "json": "{\n \"schema\"", "sarif": "{\n  \"$schema\"", "bench": "goos: ",
	}
	for format := range formats {
		line += " --report " + format + "=reports/" + format
	}
	s.run(line).want(harness.ExitPass)
	for format := range formats {
		written := s.read("reports/" + format)
		if !strings.HasPrefix(strings.ToLower(written), strings.ToLower(begins[format])) || begins[format] == "" {
			t.Errorf("%s begins %.60q, want %q", format, written, begins[format])
		}
		drawn := s.run("report out --format " + format)
		drawn.want(harness.ExitPass)
		if drawn.stdout != written {
			t.Errorf("leaklab report draws another %s than leaklab run", format)
		}
	}
	for name, format := range map[string]string{"report.md": "markdown", "report.html": "html"} {
		if s.read("out/"+name) != s.read("reports/"+format) {
			t.Errorf("%s is not what --report %s writes", name, format)
		}
	}
}

func (s shell) read(name string) string {
	s.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.Fatal(err)
	}
	return string(data)
}

func TestAReportThatCannotBeWritten(t *testing.T) {
	s := newShell(t)
	r := s.run("run ./single.yaml --no-self-test --quiet --out out --report junit=single.yaml/a.xml --report bench=bench.txt" + timeUp)
	r.want(harness.ExitNotRun, "single.yaml", "hint: leaklab report out")
	if !strings.Contains(r.stdout, "INCONCLUSIVE") {
		t.Errorf("the result is not printed:\n%s", r.stdout)
	}
	s.read("bench.txt") // the others are written all the same
}

func TestReportOptions(t *testing.T) {
	repository := t.TempDir()
	module := filepath.Join(repository, "services", "shop")
	for _, dir := range []string{filepath.Join(repository, ".git"), module} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	record := harness.Record{Environment: harness.Environment{SourceRoot: module, Revision: "29249d3"}}
	for name, test := range map[string]struct {
		server, repository, sha string
		want                    string
	}{
		"elsewhere":       {"", "", "", ""},
		"no repository":   {"https://github.com", "", "abc", ""},
		"a workflow":      {"https://github.com", "dev/shop", "abc", "https://github.com/dev/shop/blob/abc"},
		"no revision set": {"https://github.com", "dev/shop", "", "https://github.com/dev/shop/blob/29249d3"},
	} {
		t.Setenv("GITHUB_SERVER_URL", test.server)
		t.Setenv("GITHUB_REPOSITORY", test.repository)
		t.Setenv("GITHUB_SHA", test.sha)
		o := reportOptions("out", record)
		if o.SourceURL != test.want || o.Dir != "out" {
			t.Errorf("%s: the sources are at %q, want %q; the run in %q", name, o.SourceURL, test.want, o.Dir)
		}
		if o.Subdir != "services/shop" {
			t.Errorf("%s: the module is in %q, want services/shop", name, o.Subdir)
		}
	}
	for _, dir := range []string{"", repository, filepath.Join(repository, "gone", "module")} {
		got := subdir(dir)
		if want := map[string]string{filepath.Join(repository, "gone", "module"): "gone/module"}[dir]; got != want {
			t.Errorf("%q is in %q of its repository, want %q", dir, got, want)
		}
	}
}
