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

func TestATokenLetsInClientsOfOtherMachines(t *testing.T) {
	const token = "1f0c8a55d1e94b7f"
	for _, test := range []struct {
		name, token, peer, authorization string
		status                           int
	}{
		{"the token", token, "192.0.2.1:5000", "Bearer " + token, http.StatusOK},
		{"another case of the scheme", token, "192.0.2.1:5000", "bearer " + token, http.StatusOK},
		{"local, none needed", token, "127.0.0.1:5000", "", http.StatusOK},
		{"local, a wrong one", token, "127.0.0.1:5000", "Bearer x", http.StatusOK},
		{"none", token, "192.0.2.1:5000", "", http.StatusUnauthorized},
		{"no scheme", token, "192.0.2.1:5000", token, http.StatusUnauthorized},
		{"another scheme", token, "192.0.2.1:5000", "Basic " + token, http.StatusUnauthorized},
		{"part of it", token, "192.0.2.1:5000", "Bearer " + token[:15], http.StatusUnauthorized},
		{"more than it", token, "192.0.2.1:5000", "Bearer " + token + "0", http.StatusUnauthorized},
		{"not configured", "", "192.0.2.1:5000", "Bearer " + token, http.StatusForbidden},
		{"not configured, and empty", "", "192.0.2.1:5000", "Bearer ", http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", Path+"build", nil)
			r.RemoteAddr, r.Host = test.peer, "localhost"
			r.Header.Set("Authorization", test.authorization)
			w := httptest.NewRecorder()
			Config{Token: test.token}.Handler().ServeHTTP(w, r)
			if w.Code != test.status {
				t.Errorf("status %d, %q; want %d", w.Code, w.Body, test.status)
			}
			if strings.Contains(w.Body.String(), token) {
				t.Errorf("the answer tells the token: %q", w.Body)
			}
			if asked := w.Header().Get("WWW-Authenticate") != ""; asked != (test.status == http.StatusUnauthorized) {
				t.Errorf("asked for a token: %t, status %d", asked, w.Code)
			}
		})
	}
}
