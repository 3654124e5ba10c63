package probe

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// guard refuses every request that neither comes straight from this machine nor
// carries the token: a probe stops the world on demand and shows what the process
// holds.
func (c Config) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reason := refusal(r)
		switch {
		case reason == "" || c.Token != "" && bears(r, c.Token):
			next.ServeHTTP(w, r)
		case c.Token != "":
			w.Header().Set("WWW-Authenticate", `Bearer realm="leaklab probe"`)
			http.Error(w, "leaklab probe: "+reason+", and its token is missing or wrong", http.StatusUnauthorized)
		default:
			http.Error(w, "leaklab probe: "+reason, http.StatusForbidden)
		}
	})
}

// bears tells whether a request carries the token, in a time that tells nothing
// of either: the digests are of one length.
func bears(r *http.Request, token string) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	got, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// refusal says why a request does not come straight from this machine, or nothing
// if it does. The peer's address alone does not do: behind a reverse proxy on this
// machine every peer is local, and a web page can reach the loopback address
// through a name that it makes resolve to it.
func refusal(r *http.Request) string {
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !peer.Addr().Unmap().IsLoopback() {
		return fmt.Sprintf("client %q is not on the loopback interface", r.RemoteAddr)
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return fmt.Sprintf("the request came through a proxy: it has a header %s", name)
		}
	}
	if !loopbackHost(r.Host) {
		return fmt.Sprintf("host %q is not a loopback address or localhost", r.Host)
	}
	return ""
}

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}
