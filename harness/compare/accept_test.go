package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestAccept(t *testing.T) {
	over := changed(leaky(1000, session), func(v *harness.Result) {
		v.Name, v.Verdict.Reasons = "big", []harness.Reason{{Code: "rss"}}
	})
	expected := changed(leaky(1000, session), func(v *harness.Result) { v.Name, v.Expect = "demo", harness.ExpectLeak })
	r := runOf20(leaky(1000, cache, session), over, expected)
	r.Spec.Suppressions = []harness.Suppression{{Fingerprint: "bbbbbbbbbbbb", Reason: "known", Until: "2026-12-31"}}
	r.Conclude()
	accepted, refused := Accept(r, "", 90)
	want := []harness.Suppression{{Fingerprint: "aaaaaaaaaaaa", Reason: "known since 2026-11-24: app leaks in app.(*Cache).Put", Until: "2027-02-22"}}
	if diff := cmp.Diff(want, accepted); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"big"}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	r.Spec.Suppressions = append(r.Spec.Suppressions, accepted...)
	r.Conclude()
	if again, _ := Accept(r, "", 90); len(again) > 0 || !r.Variants[0].AsExpected {
		t.Errorf("accepted again: %v; as expected: %v", again, r.Variants[0].AsExpected)
	}
}
