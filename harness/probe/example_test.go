package probe_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/leaklab/leaklab/harness/probe"
)

// A service mounts the probe with one line. Whoever reads it, as package gauge
// does, must be on the same machine.
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle(probe.Path, probe.Handler())
	service := httptest.NewServer(mux)
	defer service.Close()

	answer, err := http.Post(service.URL+probe.Path+"checkpoint", "", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	var reading probe.Reading
	if err := json.NewDecoder(answer.Body).Decode(&reading); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status, reading.LiveHeapBytes > 0, reading.GCCycles >= 2)
	// Output: 200 OK true true
}

// With a token the probe serves clients on other machines as well, those that send
// it as "Authorization: Bearer TOKEN".
func ExampleConfig_Handler() {
	mux := http.NewServeMux()
	mux.Handle(probe.Path, probe.Config{Token: os.Getenv("PROBE_TOKEN")}.Handler())
}
