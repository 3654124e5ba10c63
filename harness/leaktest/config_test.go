package leaktest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

func TestZeroConfigIsValid(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesEachMistake(t *testing.T) {
	for _, test := range []struct {
		config Config
		want   string
	}{
		{Config{Rate: -1}, "leaktest.Config: Rate = -1/s, want above 0/s and at most 100000/s, or max"},
		{Config{Connections: -1}, "leaktest.Config: Connections = -1, want 1 to 10000"},
		{Config{MaxTime: time.Millisecond}, "leaktest.Config: MaxTime = 1ms, want 1s to 24h0m0s"},
		{Config{Replay: "often"}, `leaktest.Config: Replay = "often", want always or never`},
		{Config{Expect: "dirty"}, `leaktest.Config: Expect = "dirty", want clean, leak or any`},
		{Config{Budget: harness.Budget{Slope: -1}}, "leaktest.Config: Budget.slope = -1B/request, want 0B/request or more"},
		{Config{Budget: harness.Budget{Growth: harness.Growth{Bytes: 1, Over: 1}}},
			"leaktest.Config: Rate = 0, want the rate of the service: budgets of growth and time to OOM are in time"},
		{Config{Suppressions: []harness.Suppression{{Fingerprint: "0123456789ab", Reason: "why"}}},
			`leaktest.Config: Suppressions[0].until = "", want the last day on which the leak is let pass, such as 2026-12-31`},
	} {
		if got := fmt.Sprint(test.config.Validate()); got != test.want {
			t.Errorf("error\n got %s\nwant %s", got, test.want)
		}
	}
}

func TestStreamFillsInTheDefaults(t *testing.T) {
	want := harness.Request{Method: "GET", Path: "/"}
	if diff := cmp.Diff(want, stream{}.Request(3)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	post := stream{Config{Request: func(i int) harness.Request {
		return harness.Request{Method: "POST", Path: fmt.Sprint("/", i), Body: []byte("x")}
	}}}
	want = harness.Request{Method: "POST", Path: "/3", Body: []byte("x")}
	if diff := cmp.Diff(want, post.Request(3)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestStreamAccepts(t *testing.T) {
	odd := stream{Config{Accept: func(status int) bool { return status == 404 }}}
	for _, test := range []struct {
		stream stream
		status int
		want   harness.Answer
	}{
		{stream{}, 200, harness.Unchecked}, {stream{}, 302, harness.Unchecked}, {stream{}, 400, harness.Failed}, {stream{}, 500, harness.Failed},
		{odd, 404, harness.Unchecked}, {odd, 200, harness.Failed},
	} {
		if got := test.stream.Check(0, test.status, nil); got != test.want {
			t.Errorf("status %d: answer %d, want %d", test.status, got, test.want)
		}
	}
}
