package fraudcheck_test

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

func TestValidateReportsAllMistakes(t *testing.T) {
	if err := fraudcheck.DefaultData().Validate(); err != nil {
		t.Errorf("default data: %v", err)
	}
	bad := fraudcheck.Data{RiskyUsers: -1, InactiveUsers: 2_000_001, RowBytes: 127, CacheTTL: -1, RiskyShare: math.NaN()}
	want := strings.Join([]string{
		"data.risky_users = -1, want 0 to 2000000",
		"data.inactive_users = 2000001, want 0 to 2000000",
		"data.row_bytes = 127 B, want 128 B to 64 KiB",
		"data.cache_ttl = -1ns, want 0s (never cached) or at least 1ms",
		"data.risky_share = NaN, want 0 to 1",
	}, "\n")
	if err := bad.Validate(); err == nil || err.Error() != want {
		t.Errorf("mistakes = %v, want\n%s", err, want)
	}
	nobody := fraudcheck.DefaultData()
	nobody.RiskyUsers = 0
	if err := nobody.Validate(); err == nil {
		t.Error("a share of risky payments without risky users is accepted")
	}
}

func TestDataIsStoredUnderItsKeys(t *testing.T) {
	text, err := json.Marshal(fraudcheck.DefaultData())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"risky_users":1000,"inactive_users":200,"row_bytes":"1KiB","cache_ttl":"5m0s","seed":7,"risky_share":0.1}`
	if string(text) != want {
		t.Errorf("data = %s, want %s", text, want)
	}
}

func TestFillMakesTheSameRowsOnEveryMachine(t *testing.T) {
	data := fraudcheck.Data{RiskyUsers: 600, InactiveUsers: 500, RowBytes: 256, Seed: 7}
	file := filepath.Join(t.TempDir(), "fraud.db")
	if err := data.Fill(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	db, err := payment.OpenSQL(file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got struct {
		Rows, Active, Users, Shortest, Longest int
		First                                  string
	}
	err = db.QueryRow(`SELECT count(*), sum(active), count(DISTINCT user_id),
		min(length(user_id) + length(reason) + length(reported_by) + length(notes)),
		max(length(user_id) + length(reason) + length(reported_by) + length(notes)), min(user_id) FROM risky_users`).
		Scan(&got.Rows, &got.Active, &got.Users, &got.Shortest, &got.Longest, &got.First)
	if err != nil {
		t.Fatal(err)
	}
	want := got
	want.Rows, want.Active, want.Users, want.Shortest, want.Longest = 1100, 600, 1100, 256, 256
	want.First = "u001092762b58d0b7"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}

	err = data.Fill(t.Context(), file)
	if err == nil || !strings.Contains(err.Error(), "already has rows") {
		t.Errorf("fill a second time: %v, want a refusal", err)
	}
}

func TestStreamHasItsShareInAnyWindow(t *testing.T) {
	for _, share := range []float64{0, 0.1, 0.25, 1.0 / 3, 0.99, 1} {
		data := fraudcheck.DefaultData()
		data.RiskyShare = share
		stream := data.Stream()
		const window = 40
		for first := 0; first < 4000; first += window {
			risky := 0
			for i := first; i < first+window; i++ {
				if stream.Check(i, 200, answer(t, stream.Request(i), true)) == harness.Right {
					risky++
				}
			}
			if want := share * window; math.Abs(float64(risky)-want) > 1 {
				t.Fatalf("share %v: %d risky payments from %d on, want %v", share, risky, first, want)
			}
		}
	}
}

func TestStreamIsAFunctionOfItsSeed(t *testing.T) {
	one, same, other := fraudcheck.DefaultData(), fraudcheck.DefaultData(), fraudcheck.DefaultData()
	other.Seed++
	if diff := cmp.Diff(one.Stream().Request(41), same.Stream().Request(41)); diff != "" {
		t.Errorf("equal data, different payments:\n%s", diff)
	}
	if cmp.Equal(one.Stream().Request(41).Body, other.Stream().Request(41).Body) {
		t.Error("another seed, the same payment")
	}
}

func TestCheckGrades(t *testing.T) {
	stream := fraudcheck.DefaultData().Stream()
	yes, no := `{"payment_id":"p000000009","risky":true}`, `{"payment_id":"p000000009","risky":false}`
	harmless := func(body string) string { return strings.Replace(body, "9", "8", 1) }
	for _, c := range []struct {
		i, status int
		body      string
		want      harness.Answer
	}{
		{9, 200, yes, harness.Right},
		{9, 200, no, harness.Wrong},
		{8, 200, harmless(no), harness.TrueNegative},
		{8, 200, harmless(yes), harness.FalsePositive},
		{8, 200, no, harness.Wrong}, // of another payment
		{8, 200, harmless(yes) + "\n", harness.Wrong},
		{9, 200, "", harness.Wrong},
		{9, 503, yes, harness.Wrong},
	} {
		if got := stream.Check(c.i, c.status, []byte(c.body)); got != c.want {
			t.Errorf("check(%d, %d, %q) = %d, want %d", c.i, c.status, c.body, got, c.want)
		}
	}
}

// answer is the body that answers a request.
func answer(t *testing.T, r harness.Request, risky bool) []byte {
	t.Helper()
	var p payment.Payment
	if err := json.Unmarshal(r.Body, &p); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	body, err := json.Marshal(map[string]any{"payment_id": p.PaymentID, "risky": risky})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
