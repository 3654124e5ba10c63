// Package counter reads what a service counts of itself, in Prometheus's text
// format: how much it was asked to do, where the lab does not load it. It refuses
// to know what the number means, and gauges that fall as well as rise. It stands
// beside the load's segments, in the place of their requests.
//
// It is a package of its own for what it drags in: protocol buffers.
package counter

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// maxPage bounds a page of metrics, in bytes: one of a large service has some
// hundred kilobytes.
const maxPage = 16 << 20

// timeout bounds a reading.
const timeout = 10 * time.Second

// Counter is a counter of a service, in Prometheus's text format: what a service
// is asked to do, where the lab does not load it. The counts of a histogram or a
// summary are counters too, by their own name: NAME_count.
type Counter struct {
	page   *url.URL
	name   string
	labels []*dto.LabelPair
	text   string // as it was asked for
	client *http.Client
}

// New reads where a counter is: "URL#METRIC", where the metric may have
// labels, as http_requests_total{code="200"}. All series that have these labels
// are added up. Certificates are checked as the configuration says, nil: by the
// roots of this machine.
func New(where string, certificates *tls.Config) (*Counter, error) {
	address, selector, _ := strings.Cut(where, "#")
	page, err := url.Parse(address)
	if err != nil || page.Scheme != "http" && page.Scheme != "https" || page.Host == "" || page.User != nil {
		return nil, errors.New("counter: want a URL and a metric, such as http://127.0.0.1:8080/metrics#http_requests_total")
	}
	c := &Counter{page: page, text: selector}
	families, err := parseMetrics([]byte(selector + " 0\n"))
	for name, family := range families {
		c.name, c.labels = name, family.Metric[0].Label
	}
	// The zero ends the line: it is no value if another stands before it.
	alone := strings.TrimSpace(selector) == selector && !strings.ContainsFunc(selector, unicode.IsControl)
	if err != nil || len(families) != 1 || !alone || families[c.name].Metric[0].TimestampMs != nil {
		return nil, fmt.Errorf("counter %.80q: want the name of a metric and at most its labels, such as http_requests_total{code=\"200\"}", selector)
	}
	c.client = &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1, TLSClientConfig: certificates}, Timeout: timeout}
	return c, nil
}

// String is the metric with its labels, as it was asked for.
func (c *Counter) String() string { return c.text }

// Close closes the connection to the service.
func (c *Counter) Close() { c.client.CloseIdleConnections() }

// Count is the counter now.
func (c *Counter) Count(ctx context.Context) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.page.String(), nil)
	if err != nil {
		return 0, c.failure(err)
	}
	response, err := c.client.Do(request)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // what it adds, method and URL, a failure says anyway
	}
	if err != nil {
		return 0, c.failure(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, c.failure(fmt.Errorf("status %s", response.Status))
	}
	page, err := io.ReadAll(io.LimitReader(response.Body, maxPage+1))
	if err != nil {
		return 0, c.failure(err)
	}
	if len(page) > maxPage {
		return 0, c.failure(fmt.Errorf("answer is larger than %d bytes", maxPage))
	}
	families, err := parseMetrics(page)
	if err != nil {
		return 0, c.failure(fmt.Errorf("answer is not in Prometheus's text format: %w", err))
	}
	sum, err := c.sum(families)
	if err != nil {
		return 0, c.failure(err)
	}
	return sum, nil
}

func (c *Counter) failure(err error) error {
	return fmt.Errorf("counter %s of %s: %w", c.text, c.page.Redacted(), err)
}

// sum adds up the series that have the counter's labels.
func (c *Counter) sum(families map[string]*dto.MetricFamily) (float64, error) {
	family := cmp.Or(families[c.name], families[strings.TrimSuffix(c.name, "_count")])
	if family == nil {
		return 0, errors.New("no such metric")
	}
	sum, found := 0.0, false
	for _, m := range family.Metric {
		if !has(m.Label, c.labels) {
			continue
		}
		value, ok := countOf(family.GetType(), m)
		if !ok {
			return 0, fmt.Errorf("it is a %s, want a counter", strings.ToLower(family.GetType().String()))
		}
		sum, found = sum+value, true
	}
	if !found {
		return 0, errors.New("no series has these labels")
	}
	if !(sum >= 0 && sum < 1<<53) { // NaN too
		return 0, fmt.Errorf("it is %g, want a count", sum)
	}
	return sum, nil
}

// countOf is what a metric has counted, false where it is no counter.
func countOf(kind dto.MetricType, m *dto.Metric) (float64, bool) {
	switch kind {
	case dto.MetricType_COUNTER:
		return m.GetCounter().GetValue(), true
	case dto.MetricType_UNTYPED:
		return m.GetUntyped().GetValue(), true
	case dto.MetricType_HISTOGRAM:
		return float64(m.GetHistogram().GetSampleCount()), true
	case dto.MetricType_SUMMARY:
		return float64(m.GetSummary().GetSampleCount()), true
	}
	return 0, false
}

// has tells whether a series has all the labels.
func has(series, labels []*dto.LabelPair) bool {
	values := map[string]string{}
	for _, l := range series {
		values[l.GetName()] = l.GetValue()
	}
	for _, l := range labels {
		if value, ok := values[l.GetName()]; !ok || value != l.GetValue() {
			return false
		}
	}
	return true
}

func parseMetrics(page []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(page))
}
