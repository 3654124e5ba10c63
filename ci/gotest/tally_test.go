package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTally(t *testing.T) {
	for _, tt := range []struct {
		name, events, want string
	}{
		{
			name: "output of passing tests is dropped",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.01s\n"}
{"Action":"pass","Package":"p"}
`,
			want: "ok  \tp\t0.01s\n\n1 tests passed, 0 failed, 0 skipped\n",
		},
		{
			name: "output of failing tests is shown",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.01s\n"}
{"Action":"fail","Package":"p"}
`,
			want: "    a_test.go:7: got 1, want 2\nFAIL\tp\t0.01s\n\n0 tests passed, 1 failed, 0 skipped\n",
		},
		{
			name: "a test that never ends is shown",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"p"}
`,
			want: "panic: test timed out\n\n0 tests passed, 0 failed, 0 skipped\n",
		},
		{
			name: "skipped tests are named with their reason",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: shellcheck is missing\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"skip","Package":"without tests"}
`,
			want: "\n0 tests passed, 0 failed, 1 skipped\nskipped: p TestA: shellcheck is missing\n",
		},
		{
			name: "a build that fails is shown, and so is what is not JSON",
			events: `{"ImportPath":"p","Action":"build-output","Output":"x.go:1:1: expected 'package'\n"}
{"ImportPath":"p","Action":"build-fail"}
something else
`,
			want: "x.go:1:1: expected 'package'\nsomething else\n\n0 tests passed, 0 failed, 0 skipped\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var tests tally
			var got strings.Builder
			if err := tests.read(strings.NewReader(tt.events), &got); err != nil {
				t.Fatal(err)
			}
			tests.print(&got)
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSkipsFail runs go test for real, on a package whose only test is skipped.
func TestSkipsFail(t *testing.T) {
	args := []string{"-count=1", "./testdata/skipping"}
	if err := run(args, false); err != nil {
		t.Errorf("with skips allowed: %v", err)
	}
	if err := run(args, true); err == nil || !strings.Contains(err.Error(), "1 tests were skipped") {
		t.Errorf("with none allowed: %v, want an error that counts 1", err)
	}
	if err := run([]string{"./testdata/none"}, false); err == nil {
		t.Error("a package that does not exist: no error")
	}
}
