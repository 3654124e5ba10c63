package ci

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// standIn puts a shell script into a directory of programs. It notes each of its
// calls, a line of arguments.
func standIn(t *testing.T, dir, name, body string) (calls func() []string) {
	t.Helper()
	log := filepath.Join(dir, name+".calls")
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>" + log + "\n" + body
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}
}

// script runs a script of this directory in another one, with programs found in
// that first, and returns its exit code and what it printed.
func script(t *testing.T, dir string, environment []string, name string, args ...string) (code int, output string) {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is missing")
	}
	cmd := exec.Command("bash", append([]string{path}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(environment, "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))...)
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), string(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, string(out)
}

// TestGate: the gate's exit code is the run's, with a base that of the comparison,
// and where leaklab could not do its work it is said so and nothing is compared.
func TestGate(t *testing.T) {
	const body = `
case $1 in
run) mkdir -p leaklab-out; echo report >leaklab-out/report.md; exit "$RUN" ;;
compare) case $* in *'-o '*) echo comparison >leaklab-out/compare.md ;; esac; exit "$COMPARE" ;;
esac`
	const ran = "run app.yaml%s --out leaklab-out --force --report junit=leaklab-out/leaklab.xml --report sarif=leaklab-out/leaks.sarif"
	for _, tt := range []struct {
		name         string
		args         string
		baseRun      string
		run, compare int
		want         int
		compared     string // the arguments of compare
		comment      string
	}{
		{"clean", "", "", 0, 9, 0, "", "report\n"},
		{"a leak", "", "", 3, 9, 3, "", "report\n"},
		{"could not run", " --base main", "", 1, 9, 1, "", ""},
		{"a leak of the base as well", " --base main", "", 3, 0, 0, "compare leaklab-out", "comparison\nreport\n"},
		{"worse than the base", " --base=main", "", 3, 3, 3, "compare leaklab-out", "comparison\nreport\n"},
		{"an earlier run", "", "before", 0, 4, 4, "compare before leaklab-out", "comparison\nreport\n"},
		{"not comparable", "", "before", 0, 2, 2, "compare before leaklab-out", ""},
		{"report only", " --report-only", "before", 0, 0, 0, "compare before leaklab-out --report-only", "comparison\nreport\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			calls := standIn(t, dir, "leaklab", body)
			environment := []string{"RUN=" + strconv.Itoa(tt.run), "COMPARE=" + strconv.Itoa(tt.compare), "LEAKLAB_BASE_RUN=" + tt.baseRun}
			code, output := script(t, dir, environment, "gate.sh", strings.Fields("app.yaml"+tt.args)...)
			if code != tt.want {
				t.Errorf("exit %d, want %d:\n%s", code, tt.want, output)
			}
			want := []string{strings.Replace(ran, "%s", tt.args, 1)}
			if tt.compared != "" {
				want = append(want, tt.compared)
			}
			if tt.compared != "" && tt.comment != "" {
				plain := strings.TrimSuffix(tt.compared, " --report-only")
				want = append(want, plain+" --format markdown -o leaklab-out/compare.md")
			}
			if diff := cmp.Diff(want, calls()); diff != "" {
				t.Errorf("calls of leaklab (-want +got):\n%s", diff)
			}
			comment, _ := os.ReadFile(filepath.Join(dir, "leaklab-out", "comment.md")) // none where there is no verdict
			if string(comment) != tt.comment {
				t.Errorf("comment %q, want %q", comment, tt.comment)
			}
		})
	}
}

func TestGateKeepsTheCommentShort(t *testing.T) {
	dir := t.TempDir()
	standIn(t, dir, "leaklab", `mkdir -p leaklab-out; head -c 60000 /dev/zero | tr '\0' r >leaklab-out/report.md; echo comparison >leaklab-out/compare.md
case $* in *'-o '*) head -c 6000 /dev/zero | tr '\0' c >leaklab-out/compare.md ;; esac`)
	if code, output := script(t, dir, []string{"LEAKLAB_BASE_RUN=before"}, "gate.sh", "app.yaml"); code != 0 {
		t.Fatalf("exit %d:\n%s", code, output)
	}
	comment, err := os.ReadFile(filepath.Join(dir, "leaklab-out", "comment.md"))
	if err != nil || len(comment) != 6000 || comment[0] != 'c' {
		t.Errorf("%d bytes of comment, %v; want the 6000 of the comparison alone: both are too long", len(comment), err)
	}
}

// TestComment: the first comment is posted, later ones are edited in place.
func TestComment(t *testing.T) {
	for _, tt := range []struct {
		name, report, there string
		code                int
		want                string // the call that writes
	}{
		{"first", "<!-- leaklab:app -->\nreport\n", "", 0, "api --method POST repos/o/r/issues/7/comments -F body=@report.md --jq .html_url"},
		{"again", "<!-- leaklab:app -->\nreport\n", "41\n43", 0, "api --method PATCH repos/o/r/issues/comments/41 -F body=@report.md --jq .html_url"},
		{"no report", "report\n", "", 2, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			calls := standIn(t, dir, "gh", `case $* in *--paginate*) [ "$MARKER" = "<!-- leaklab:app -->" ] && printf '%s\n' "$THERE" ;; esac`)
			if err := os.WriteFile(filepath.Join(dir, "report.md"), []byte(tt.report), 0o600); err != nil {
				t.Fatal(err)
			}
			code, output := script(t, dir, []string{"THERE=" + tt.there, "GITHUB_REPOSITORY=o/r"}, "comment.sh", "report.md", "7")
			if code != tt.code {
				t.Fatalf("exit %d, want %d:\n%s", code, tt.code, output)
			}
			if tt.want == "" {
				return
			}
			if got := calls(); len(got) != 2 || got[1] != tt.want {
				t.Errorf("calls of gh %q, want the second %q", got, tt.want)
			}
		})
	}
}
