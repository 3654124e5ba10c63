package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyLocalClientsAreServed(t *testing.T) {
	for _, test := range []struct {
		peer, host, header string
		refusal            string // part of it; empty: served
	}{
		{"127.0.0.1:5000", "127.0.0.1:80", "", ""},
		{"127.9.9.9:5000", "localhost:80", "", ""},
		{"[::1]:5000", "[::1]:80", "", ""},
		{"[::ffff:127.0.0.1]:5000", "localhost", "", ""},
		{"192.0.2.1:5000", "127.0.0.1:80", "", `client "192.0.2.1:5000"`},
		{"[2001:db8::1]:5000", "localhost:80", "", "not on the loopback"},
		{"[fe80::1%eth0]:5000", "localhost:80", "", "not on the loopback"},
		{"@", "localhost", "", `client "@"`},
		{"", "localhost", "", "not on the loopback"},
		{"127.0.0.1:5000", "attacker.example:80", "", `host "attacker.example:80"`},
		{"127.0.0.1:5000", "10.0.0.1", "", `host "10.0.0.1"`},
		{"127.0.0.1:5000", "", "", `host ""`},
		{"127.0.0.1:5000", "localhost", "X-Forwarded-For", "header X-Forwarded-For"},
		{"127.0.0.1:5000", "localhost", "Forwarded", "header Forwarded"},
	} {
		r := httptest.NewRequest("GET", Path+"build", nil)
		r.RemoteAddr, r.Host = test.peer, test.host
		if test.header != "" {
			r.Header.Set(test.header, "198.51.100.7")
		}
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		want := http.StatusOK
		if test.refusal != "" {
			want = http.StatusForbidden
		}
		if w.Code != want || !strings.Contains(w.Body.String(), test.refusal) {
			t.Errorf("peer %q, host %q, %s: status %d, %q; want %d and %q",
				test.peer, test.host, test.header, w.Code, w.Body, want, test.refusal)
		}
	}
}
