// Clients is a service that asks another one for a quote. By default it makes an
// http.Client with a Transport for each request: the connection stays open for the
// next request over that Transport, which never comes, and two goroutines wait for
// it for ever. With -shared all requests use one client.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof" // on the default mux, for leaklab to read
	"time"
)

func main() {
	address := flag.String("addr", "127.0.0.1:8080", "where to listen")
	shared := flag.Bool("shared", false, "use one client for all requests")
	asUpstream := flag.Bool("upstream", false, "be the other service")
	flag.Parse()

	if *asUpstream {
		log.Fatal(serveUpstream())
	}
	upstream, err := startUpstream()
	if err != nil {
		log.Fatal(err)
	}
	client := perRequest
	if *shared {
		one := perRequest()
		client = func() *http.Client { return one }
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /quotes/{id}", func(w http.ResponseWriter, r *http.Request) {
		quote(client(), upstream+r.PathValue("id"), w, r)
	})
	server := http.Server{Addr: *address, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// perRequest is the mistake when it is called for each request, and fine when it
// is called once.
func perRequest() *http.Client {
	return &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
}

// quote answers with what upstream says.
func quote(client *http.Client, url string, w http.ResponseWriter, r *http.Request) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, url, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	response, err := client.Do(request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	io.Copy(w, io.LimitReader(response.Body, 1<<20))
}
