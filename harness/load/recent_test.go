package load

import (
	"net/http"
	"testing"
	"time"
)

func TestRecent(t *testing.T) {
	var r recent
	start := time.Unix(1000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	want := func(when string, now time.Time, rate, p99 any) {
		t.Helper()
		gotRate, gotP99 := r.take(now)
		for _, v := range []struct {
			what string
			got  *float64
			want any
		}{{"rate", gotRate, rate}, {"p99", gotP99, p99}} {
			if v.got == nil && v.want == nil || v.got != nil && v.want == *v.got {
				continue
			}
			t.Errorf("%s: %s %v, want %v", when, v.what, v.got, v.want)
		}
	}
	want("before a segment", at(0), nil, nil)
	r.begin(at(0))
	for i := range 30 {
		r.add(time.Duration(i)*time.Millisecond, false)
	}
	want("too short to be told of", at(50), nil, nil)
	want("in a segment", at(300), 100.0, 0.029)
	r.add(time.Second, true)
	want("a failure has no latency", at(600), 3.33, nil)
	want("no answer", at(900), 0.0, nil)
	r.add(2*time.Millisecond, false)
	r.end(at(1000))
	want("the end of a segment, and a pause", at(5000), 10.0, 0.002)
	want("a pause", at(6000), nil, nil)
	r.begin(at(6000))
	r.add(time.Millisecond, false)
	r.end(at(6050))
	want("half of two segments", at(6100), nil, nil)
	r.begin(at(6100))
	r.add(3*time.Millisecond, false)
	want("both", at(6150), 20.0, 0.003)
}

func TestRecentIsOfTheSegmentUnderWay(t *testing.T) {
	reached, release := make(chan struct{}, 1), make(chan struct{})
	srv := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/3" {
			reached <- struct{}{}
			<-release
		}
		echo(w, r)
	})
	c := newClient(t, srv.URL, numbered{}, Options{Connections: 1})
	done := make(chan Result)
	go func() {
		r, _ := c.Segment(t.Context(), 0, 4, 20)
		done <- r
	}()
	<-reached // after 150 ms, when three were answered
	rate, p99 := c.Recent()
	close(release)
	<-done
	if rate == nil || p99 == nil || *rate <= 0 || *rate > 30 {
		t.Errorf("rate %v, p99 %v, want some 20 requests a second", rate, p99)
	}
}
