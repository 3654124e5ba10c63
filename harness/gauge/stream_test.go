package gauge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/probe"
)

func TestStreamOfAProbeUntilTheCallerEndsIt(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle(probe.Path, probe.Handler())
	g := target(t, mux.ServeHTTP)
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	var samples []harness.Sample
	err := g.Stream(ctx, 10*time.Millisecond, func(s harness.Sample) {
		if samples = append(samples, s); len(samples) == 3 {
			cancel()
		}
	})
	if err != nil || len(samples) != 3 {
		t.Fatalf("%d samples, %v; want 3 and no error", len(samples), err)
	}
	if first, last := samples[0], samples[2]; first.AtSeconds <= 0 || last.AtSeconds <= first.AtSeconds ||
		last.HeapBytes == 0 || last.SysBytes == 0 {
		t.Errorf("samples %+v, want rising times and figures", samples)
	}
}

// lines is a target whose stream is the given text.
func lines(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

func TestStreamSaysWhyItEnded(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		samples int
		want    string
	}{
		"closed":       {lines(goodSample + "\n"), 1, "target ended the stream: unexpected EOF"},
		"half a line":  {lines(goodSample + "\n" + goodSample[:30]), 1, "target ended the stream: unexpected EOF"},
		"no JSON":      {lines(goodSample + "\nhello\n"), 1, `answer "hello\n"`},
		"a negative":   {lines(strings.Replace(goodSample, ":7", ":-7", 1) + "\n"), 0, "goroutines = -7, want at least 1"},
		"a long line":  {lines(strings.Repeat("x", 2*maxLine)), 0, "longer than 4096 bytes"},
		"not served":   {http.NotFound, 0, "status 404 Not Found"},
		"crashed":      {crash, 1, "unexpected EOF"},
		"bad interval": {answers(400, `interval = "1ms", want more`), 0, `want more`},
	} {
		t.Run(name, func(t *testing.T) {
			g := target(t, test.handler)
			samples := 0
			err := g.Stream(t.Context(), time.Second, func(harness.Sample) { samples++ })
			if err == nil || !strings.Contains(err.Error(), test.want) ||
				!strings.HasPrefix(err.Error(), "gauge: target 4711: GET "+g.base+probe.Path+"stream?interval=1s: ") {
				t.Errorf("error %v, want target, endpoint and %q", err, test.want)
			}
			if samples != test.samples {
				t.Errorf("samples = %d, want %d", samples, test.samples)
			}
		})
	}
}

// crash sends a sample and breaks off.
func crash(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, goodSample+"\n")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func TestASilentStreamIsGivenUp(t *testing.T) {
	taken := make(chan struct{})
	g := target(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, goodSample+"\n")
		w.(http.Flusher).Flush()
		<-taken
		io.WriteString(w, goodSample+"\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	g.Timeout = 90 * time.Millisecond
	samples := 0
	err := g.Stream(t.Context(), 10*time.Millisecond, func(harness.Sample) {
		if samples++; samples == 1 {
			time.Sleep(150 * time.Millisecond) // the caller's time, not the target's
			close(taken)
		}
	})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "silent for 100ms") || samples != 2 {
		t.Errorf("%d samples, error %v; want 2, a deadline and its length", samples, err)
	}
}
