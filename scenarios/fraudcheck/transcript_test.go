package fraudcheck_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/harness"
)

// transcript is what a handler answers to the mistakes that a client can make,
// and then to the first payments of the stream: on a miss, and on a hit.
func transcript(h http.Handler, stream harness.Stream, payments int) string {
	var b strings.Builder
	say := func(method, path, body string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		fmt.Fprintf(&b, "%s %s %.80s\n%d %v\n%s\n\n", method, path, body, w.Code, w.Header(), w.Body)
	}
	good := `{"payment_id":"p1","user_id":"nobody","amount_cents":1,"currency":"EUR"}`
	say("POST", payment.Path, good)
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
		say(method, payment.Path, good)
	}
	say("POST", "/api/payments", good)
	for _, body := range []string{
		"", "null", "[]", "{}", good + good, good[1:], `{"payment_id":1}`,
		`{"payment_id":"p","user_id":"u","amount_cents":1e99,"currency":"EUR"}`,
		`{"payment_id":"p","user_id":"","amount_cents":0,"currency":"EUR"}`,
		good + strings.Repeat(" ", payment.MaxBodyBytes-len(good)),
		good + strings.Repeat(" ", payment.MaxBodyBytes-len(good)+1),
	} {
		say("POST", payment.Path, body)
	}
	for i := range payments {
		r := stream.Request(i)
		say(r.Method, r.Path, string(r.Body))
	}
	return b.String()
}

func TestAllVariantsAnswerOneTranscript(t *testing.T) {
	data := smallData()
	var want string
	for _, v := range variants {
		for _, ttl := range []time.Duration{payment.DefaultCacheTTL, 0} {
			service, _, stores := start(t, data).open(t, ttl)
			got := transcript(v.new(service, stores), data.Stream(), 200)
			if want == "" {
				want = got
			}
			// A filter for 100 000 users holds a few here, and practically never errs.
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s with a cache ttl of %v answers otherwise than leaky (-leaky +%s):\n%s", v.name, ttl, v.name, diff)
			}
		}
	}
	for _, line := range []string{
		"\n200 map[Content-Type:[application/json]]\n{\"payment_id\":\"p1\",\"risky\":false}\n",
		"\n200 map[Content-Type:[application/json]]\n{\"payment_id\":\"p000000009\",\"risky\":true}\n",
		"\n405 map[Allow:[POST] Content-Type:[application/json]]\n{\"error\":\"method not allowed: want POST\"}\n",
		"\n400 map[Content-Type:[application/json]]\n{\"error\":\"body: not a payment in JSON\"}\n",
		"\n400 map[Content-Type:[application/json]]\n{\"error\":\"missing, empty or not positive: user_id, amount_cents\"}\n",
		"{\"error\":\"body: more than 65536 bytes\"}\n",
	} {
		if !strings.Contains(want, line) {
			t.Errorf("transcript lacks %q", line)
		}
	}
}

func TestEveryAnswerOfTheStreamIsRight(t *testing.T) {
	const payments = 1000
	data := smallData()
	for _, v := range variants {
		service, _, stores := start(t, data).open(t, payment.DefaultCacheTTL)
		h := v.new(service, stores)
		stream := data.Stream()
		got := make(map[harness.Answer]int)
		for i := range payments {
			w := post(h, string(stream.Request(i).Body))
			got[stream.Check(i, w.Code, w.Body.Bytes())]++
		}
		want := map[harness.Answer]int{harness.Right: payments / 10, harness.TrueNegative: payments * 9 / 10}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v.name, diff)
		}
	}
}
