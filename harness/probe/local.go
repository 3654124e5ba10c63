package probe

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
)

// localOnly refuses every request that does not come straight from this
// machine: a probe stops the world on demand and shows what the process holds.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reason := refusal(r); reason != "" {
			http.Error(w, "leaklab probe: "+reason, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal says why a request is not served, or nothing if it is. The peer's
// address alone does not do: behind a reverse proxy on this machine every peer
// is local, and a web page can reach the loopback address through a name that
// it makes resolve to it.
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
