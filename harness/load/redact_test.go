package load

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/leaklab/leaklab/harness"
)

func TestFailuresShowNoSecret(t *testing.T) {
	const secret = "hunter2/é"
	env := func(string) (string, bool) { return url.PathEscape(secret), true }
	for name, test := range map[string]struct {
		request harness.Request
		answer  string
		want    string // part of what is shown
	}{
		"query": {harness.Request{Method: "GET", Path: "/a?page=2&q=" + url.QueryEscape(secret) + "&flag"}, "no " + secret,
			`GET /a?page=xxxxx&q=xxxxx&flag: 400: "no xxxxx"`},
		"environment": {harness.Request{Method: "GET", Path: "/{{env KEY}}/x"}, url.PathEscape(secret) + "?", `GET /xxxxx/x: 400: "xxxxx?"`},
		"header": {harness.Request{Method: "GET", Path: "/", Header: map[string][]string{"Cookie": {secret}}}, "cookie " + secret,
			`GET /: 400: "cookie xxxxx"`},
		"one in another": {harness.Request{Method: "GET", Path: "/?user=anna&key=anna-" + url.QueryEscape(secret)}, "no anna-" + secret, `GET /?user=xxxxx&key=xxxxx: 400: "no xxxxx"`},
		"body":           {harness.Request{Method: "POST", Path: "/", Body: []byte(secret)}, "what is " + secret, `POST /: 400: "what is xxxxx"`},
		"ordinary words": {harness.Request{Method: "GET", Path: "/?a=no"}, "nobody", `GET /?a=xxxxx: 400: "nobody"`},
	} {
		template, err := NewTemplate(test.request, env)
		if err != nil {
			t.Fatal(err)
		}
		var r Result
		r.add(0, &vegeta.Result{Code: http.StatusBadRequest, Error: "400", Body: []byte(test.answer)}, From(Templates{template}, 3))
		if !strings.Contains(r.FirstError, test.want) || strings.Contains(r.FirstError, "hunter2") {
			t.Errorf("%s: %s; want %s", name, r.FirstError, test.want)
		}
	}
}

func TestMistakesShowNoValueOfTheEnvironment(t *testing.T) {
	env := func(string) (string, bool) { return "hunter2", true }
	for _, r := range []harness.Request{{Method: "GET", Path: "{{env KEY}}"}, {Method: "{{env KEY}}(", Path: "/"}} {
		if _, err := NewTemplate(r, env); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v; want an error without the value", r, err)
		}
	}
}
