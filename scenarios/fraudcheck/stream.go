package fraudcheck

import (
	"fmt"
	"math"
	"net/http"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/harness"
)

// inactiveEvery makes one in so many of the payments that are not risky come
// from an inactive user, where there is one.
const inactiveEvery = 4

var currencies = []string{"EUR", "USD", "GBP", "JPY"}

// Stream is the payments: [Data.RiskyShare] of them by risky users, in any
// number of consecutive requests within one; the rest by inactive users and by
// users whom the table does not know.
func (d Data) Stream() harness.Stream { return stream{d} }

type stream struct{ data Data }

// Request is the i-th payment.
func (s stream) Request(i int) harness.Request {
	h := mix(uint64(i) + mix(^uint64(s.data.Seed)))
	return harness.Request{
		Method: http.MethodPost,
		Path:   payment.Path,
		Header: map[string][]string{"Content-Type": {"application/json"}},
		Body: fmt.Appendf(nil, `{"payment_id":%q,"user_id":%q,"amount_cents":%d,"currency":%q}`,
			paymentID(i), s.payer(i), 1+h%100_000, currencies[h>>32%uint64(len(currencies))]),
	}
}

// Check compares a response with the true answer, byte for byte.
func (s stream) Check(i, status int, body []byte) harness.Answer {
	risky := s.risky(i)
	var said bool
	switch {
	case status != http.StatusOK:
		return harness.Wrong
	case string(body) == answerTo(i, true):
		said = true
	case string(body) != answerTo(i, false):
		return harness.Wrong
	}
	switch {
	case risky && said:
		return harness.Right
	case risky:
		return harness.Wrong
	case said:
		return harness.FalsePositive
	default:
		return harness.TrueNegative
	}
}

func paymentID(i int) string { return fmt.Sprintf("p%09d", i) }

func answerTo(i int, risky bool) string {
	return fmt.Sprintf(`{"payment_id":%q,"risky":%t}`, paymentID(i), risky)
}

// risky tells whether the payer of the i-th payment is a risky user: whenever
// the share's running total passes a whole number.
func (s stream) risky(i int) bool {
	share := s.data.RiskyShare
	return math.Floor(float64(i+1)*share) > math.Floor(float64(i)*share)
}

func (s stream) payer(i int) string {
	d := s.data
	h := mix(uint64(i) ^ mix(uint64(d.Seed)+1))
	switch {
	case s.risky(i):
		return d.user(h % uint64(d.RiskyUsers))
	case d.InactiveUsers > 0 && h%inactiveEvery == 0:
		return d.user(uint64(d.RiskyUsers) + h>>8%uint64(d.InactiveUsers))
	default:
		return d.user(uint64(d.RiskyUsers+d.InactiveUsers) + h>>8)
	}
}
