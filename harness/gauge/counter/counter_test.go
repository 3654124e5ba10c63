package counter

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const metricsPage = `# HELP http_requests_total All requests.
# TYPE http_requests_total counter
http_requests_total{code="200",method="get"} 120
http_requests_total{code="200",method="post"} 30
http_requests_total{code="500",method="get"} 4
jobs_done 17
# TYPE queue_length gauge
queue_length 3
# TYPE latency_seconds histogram
latency_seconds_bucket{le="1"} 8
latency_seconds_bucket{le="+Inf"} 9
latency_seconds_sum 4.5
latency_seconds_count 9
# TYPE size_bytes summary
size_bytes{quantile="0.5"} 100
size_bytes_sum 400
size_bytes_count 5
# TYPE backwards counter
backwards -1
# TYPE unknown counter
unknown NaN
`

func answers(status int, page string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, page)
	}
}

func TestCounter(t *testing.T) {
	server := httptest.NewServer(answers(200, metricsPage))
	t.Cleanup(server.Close)
	for selector, want := range map[string]float64{
		"http_requests_total":                          154,
		`http_requests_total{code="200"}`:              150,
		`http_requests_total{method="get",code="500"}`: 4,
		"jobs_done":             17,
		"latency_seconds_count": 9,
		"size_bytes_count":      5,
	} {
		c, err := New(server.URL+"/metrics#"+selector, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		if got, err := c.Count(t.Context()); err != nil || got != want || c.String() != selector {
			t.Errorf("%s: %g, %v; want %g of %s", c, got, err, want, selector)
		}
	}
	for selector, want := range map[string]string{
		"nothing":                         "no such metric",
		`http_requests_total{code="404"}`: "no series has these labels",
		"queue_length":                    "it is a gauge, want a counter",
		"backwards":                       "it is -1, want a count",
		"unknown":                         "it is NaN, want a count",
	} {
		c, err := New(server.URL+"#"+selector, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		if _, err := c.Count(t.Context()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), selector) {
			t.Errorf("%s: %v, want %s", selector, err, want)
		}
	}
}

func TestCounterThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		page, want string
	}{
		"a page of HTML": {200, "<html>", "not in Prometheus's text format"},
		"no page":        {404, "no", "status 404"},
		"a large page":   {200, strings.Repeat("#\n", maxPage/2+1), "larger than"},
	} {
		server := httptest.NewServer(answers(test.status, test.page))
		t.Cleanup(server.Close)
		c, err := New(server.URL+"#x", nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		if _, err := c.Count(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for where, want := range map[string]string{
		"":                                   "want a URL and a metric",
		"127.0.0.1:80#x":                     "want a URL and a metric",
		"http://user:secret@127.0.0.1#x":     "want a URL and a metric",
		"http://127.0.0.1":                   "want the name of a metric",
		"http://127.0.0.1#":                  "want the name of a metric",
		"http://127.0.0.1#a b":               "want the name of a metric",
		"http://127.0.0.1#a{b=c}":            "want the name of a metric",
		"http://127.0.0.1#a\nb":              "want the name of a metric",
		"http://127.0.0.1#a{code=\"200\"} 1": "want the name of a metric",
	} {
		if _, err := New(where, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %s", where, err, want)
		}
	}
}

func FuzzNew(f *testing.F) {
	for _, selector := range []string{"x", `x{a="b"}`, `{"x.y",a="b"}`, `x{a="}"`, "x # {} 1", "#", "x 1\ny", `x{a="\n"}`} {
		f.Add(selector, metricsPage)
	}
	f.Fuzz(func(t *testing.T, selector, page string) {
		c, err := New("http://127.0.0.1:1/metrics#"+selector, nil)
		if err != nil {
			return
		}
		families, err := parseMetrics([]byte(page))
		if err != nil {
			return
		}
		if sum, err := c.sum(families); err == nil && !(sum >= 0) {
			t.Errorf("%q: a count of %g", selector, sum)
		}
	})
}
