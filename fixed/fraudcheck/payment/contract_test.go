package payment_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

func post(check payment.Check, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	payment.Handler(check).ServeHTTP(w, httptest.NewRequest(http.MethodPost, payment.Path, strings.NewReader(body)))
	return w
}

const good = `{"payment_id":"p1","user_id":"u1","amount_cents":1250,"currency":"EUR"}`

func TestCheckGetsThePaymentAndADeadline(t *testing.T) {
	w := post(func(ctx context.Context, p payment.Payment) (bool, error) {
		if want := (payment.Payment{PaymentID: "p1", UserID: "u1", AmountCents: 1250, Currency: "EUR"}); p != want {
			t.Errorf("payment = %+v, want %+v", p, want)
		}
		if _, ok := ctx.Deadline(); !ok {
			t.Error("check has no deadline")
		}
		return true, nil
	}, good)
	if want := `{"payment_id":"p1","risky":true}`; w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s, want 200 %s", w.Code, w.Body, want)
	}
}

func TestErrorOfACheckStaysInside(t *testing.T) {
	w := post(func(context.Context, payment.Payment) (bool, error) { return true, errors.New("secret host down") }, good)
	if want := `{"error":"fraud check unavailable"}`; w.Code != http.StatusServiceUnavailable || w.Body.String() != want {
		t.Errorf("%d %s, want 503 %s", w.Code, w.Body, want)
	}
}

func TestBodyMayHave64KiBAndNoMore(t *testing.T) {
	harmless := func(context.Context, payment.Payment) (bool, error) { return false, nil }
	full := good + strings.Repeat(" ", 64<<10-len(good))
	if w := post(harmless, full); w.Code != http.StatusOK {
		t.Errorf("64 KiB: %d %s, want 200", w.Code, w.Body)
	}
	want := `{"error":"body: more than 65536 bytes"}`
	if w := post(harmless, full+" "); w.Code != http.StatusBadRequest || w.Body.String() != want {
		t.Errorf("64 KiB and a byte: %d %s, want 400 %s", w.Code, w.Body, want)
	}
}

func TestOpenNamesTheMistakeAndNoPassword(t *testing.T) {
	for name, config := range map[string]payment.Config{
		"cache ttl":    {RedisURL: "redis://127.0.0.1:1", DatabaseURL: "x.db", CacheTTL: -1},
		"redis url":    {RedisURL: "redis://:hunter2@[::1", DatabaseURL: "x.db"},
		"database url": {RedisURL: "redis://127.0.0.1:1", DatabaseURL: "postgres://u:hunter2@h:port/db"},
	} {
		_, err := payment.Open(config)
		if err == nil || !strings.HasPrefix(err.Error(), name) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("open with a bad %s: %v", name, err)
		}
	}
	for _, config := range []payment.Config{{DatabaseURL: "x.db"}, {RedisURL: "redis://127.0.0.1:1"}} {
		if _, err := payment.Open(config); err == nil {
			t.Errorf("open %+v: no error", config)
		}
	}
}

// FuzzHandler posts anything: the answer is a 200 for a whole payment or a 400,
// and JSON in both cases.
func FuzzHandler(f *testing.F) {
	f.Add(good)
	f.Add("")
	f.Add("null")
	f.Add(`{"payment_id":"\ud800","user_id":"u","amount_cents":1,"currency":"EUR"}`)
	f.Add(`{"payment_id":"p","user_id":"u","amount_cents":-1,"currency":""}`)
	f.Add(strings.Repeat("[", payment.MaxBodyBytes+1))
	f.Fuzz(func(t *testing.T, body string) {
		checked := false
		w := post(func(_ context.Context, p payment.Payment) (bool, error) {
			checked = true
			if p.PaymentID == "" || p.UserID == "" || p.AmountCents <= 0 || p.Currency == "" {
				t.Errorf("checked %+v", p)
			}
			return false, nil
		}, body)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusBadRequest}[checked]; w.Code != want {
			t.Errorf("%d, checked %t", w.Code, checked)
		}
		if !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("not JSON: %q", w.Body)
		}
	})
}
