package main

import (
	"net/url"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

// The statuses that a scenario or a flag accepts are answers, wherever the requests
// come from.
func TestRequestsAccept(t *testing.T) {
	r := requests{scenario: harness.Scenario{
		Load:     harness.Load{Accept: []int{404}},
		Requests: []harness.RequestTemplate{{URL: "/{{seq}}"}},
	}}
	ofScenario, err := r.read(func(string) (string, bool) { return "", true })
	if err != nil {
		t.Fatal(err)
	}
	o := attachOptions{rate: "300/s", connections: 32, segment: 100, maxTime: 45e9, accept: []int{404}, requests: []string{"GET /{{seq}}"}}
	ofAttach, err := o.templates(&url.URL{Scheme: "http", Host: "h"})
	if err != nil {
		t.Fatal(err)
	}
	for name, stream := range map[string]harness.Stream{"scenario": ofScenario, "attach": ofAttach} {
		if found, refused := stream.Check(1, 404, nil), stream.Check(1, 403, nil); found != harness.Unchecked || refused != harness.Failed {
			t.Errorf("%s: 404 is %d and 403 is %d, want an answer and a failure", name, found, refused)
		}
	}
	o.accept = []int{200}
	if _, err := o.scenario(1); err == nil {
		t.Error("--accept 200 is let pass, want 400 to 599")
	}
}
