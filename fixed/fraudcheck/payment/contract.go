// Package payment is what every fraud check of the case shares and none gets
// wrong: the HTTP contract, the table of risky users, the cached list and the
// connections to Redis and SQL.
//
// It decides nothing: whether a payment is risky is the [Check] that a variant
// gives to [Handler]. The leaky variant and its remedies stand on this package,
// so that they differ in nothing but the defect.
package payment

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

const (
	// Path is where payments are checked.
	Path = "/api/payment"
	// MaxBodyBytes is the largest body that is read.
	MaxBodyBytes = 64 << 10
	// checkTimeout bounds a check: a payment waits no longer for a backend that
	// does not answer.
	checkTimeout = 2 * time.Second
)

// Payment is what a client asks about. No field may be missing or empty.
type Payment struct {
	PaymentID   string `json:"payment_id"`
	UserID      string `json:"user_id"`
	AmountCents int64  `json:"amount_cents"`
	Currency    string `json:"currency"`
}

// Check tells whether a payment is risky. An error means that a backend did not
// answer: the client gets a 503 and nothing of the error's text.
type Check func(ctx context.Context, p Payment) (risky bool, err error)

// answer is the body of a 200.
type answer struct {
	PaymentID string `json:"payment_id"`
	Risky     bool   `json:"risky"`
}

// refusal is the body of everything else.
type refusal struct {
	Error string `json:"error"`
}

// Handler serves POST [Path]: 200 with the check's answer, 400 for a body that
// is not a payment or too large, 405 for another method, 503 when the check
// fails. All bodies are JSON.
func Handler(check Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+Path, func(w http.ResponseWriter, r *http.Request) {
		p, err := read(w, r)
		if err != nil {
			reply(w, http.StatusBadRequest, refusal{err.Error()})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
		defer cancel()
		risky, err := check(ctx, p)
		if err != nil {
			slog.Warn("payment not checked", "payment_id", p.PaymentID, "error", err)
			reply(w, http.StatusServiceUnavailable, refusal{"fraud check unavailable"})
			return
		}
		reply(w, http.StatusOK, answer{p.PaymentID, risky})
	})
	mux.HandleFunc(Path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", http.MethodPost)
		reply(w, http.StatusMethodNotAllowed, refusal{"method not allowed: want POST"})
	})
	return mux
}

// read reads the payment in a request. Its errors are for the client and do not
// change with the version of encoding/json.
func read(w http.ResponseWriter, r *http.Request) (Payment, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBodyBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return Payment{}, errors.New("body: more than 65536 bytes")
	}
	if err != nil {
		return Payment{}, errors.New("body: cut short")
	}
	var p Payment
	if json.Unmarshal(body, &p) != nil {
		return Payment{}, errors.New("body: not a payment in JSON")
	}
	return p, p.validate()
}

func (p Payment) validate() error {
	var missing []string
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"payment_id", p.PaymentID != ""},
		{"user_id", p.UserID != ""},
		{"amount_cents", p.AmountCents > 0},
		{"currency", p.Currency != ""},
	} {
		if !field.given {
			missing = append(missing, field.name)
		}
	}
	if missing == nil {
		return nil
	}
	return errors.New("missing, empty or not positive: " + strings.Join(missing, ", "))
}

// reply writes a status and a JSON body. Both bodies always marshal, and a
// client that has gone has no use for the error.
func reply(w http.ResponseWriter, status int, body any) {
	text, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
