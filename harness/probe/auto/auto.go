// Package auto serves the probe of a service that has no mux to mount it on, or
// no line to spare: a blank import is all.
//
//	import _ "github.com/leaklab/leaklab/harness/probe/auto"
//
// It does nothing unless the environment says where to listen, so that a build
// that holds it is safe in production:
//
//	LEAKLAB_PROBE_ADDR=127.0.0.1:0 ./server
//
// Port 0 is any free one. The address is announced on standard error. It refuses
// addresses that other machines reach; for those mount [probe.Config.Handler] with
// a token. A mistake in the address, or a port that is taken, is told there too and
// never ends the service. It stands inside the target, before main.
package auto

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/leaklab/leaklab/harness/probe"
)

// Variable is the environment's name for the loopback address to listen on.
const Variable = "LEAKLAB_PROBE_ADDR"

func init() {
	if address := os.Getenv(Variable); address != "" {
		start(address, os.Stderr)
	}
}

// start serves the probe for as long as the process lives, and says where, or why
// not.
func start(address string, w io.Writer) {
	listener, err := listen(address)
	if err != nil {
		fmt.Fprintf(w, "leaklab probe: not served: %s: %v\n", Variable, err)
		return
	}
	fmt.Fprintf(w, "leaklab probe: serving http://%s%s\n", listener.Addr(), probe.Path)
	mux := http.NewServeMux()
	mux.Handle(probe.Path, probe.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	// It ends with the process: the listener is never closed.
	go server.Serve(listener)
}

// listen listens on a loopback address.
func listen(address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return nil, fmt.Errorf("%q, want a loopback address and a port, such as 127.0.0.1:0", address)
	}
	return net.Listen("tcp", address)
}
