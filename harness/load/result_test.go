package load

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/leaklab/leaklab/harness"
)

// scripted is a stream whose i-th answer is worth what the script says.
type scripted []harness.Answer

func (scripted) Request(int) harness.Request {
	return harness.Request{Method: http.MethodGet, Path: "/" + strings.Repeat("é", maxErrorBytes)}
}

func (s scripted) Check(i, _ int, _ []byte) harness.Answer { return s[i] }

func TestAnswers(t *testing.T) {
	stream := scripted{
		harness.Unchecked, harness.Right, harness.TrueNegative, harness.TrueNegative,
		harness.FalsePositive, harness.Wrong, harness.Right,
	}
	var r Result
	for i := range stream {
		r.add(i, &vegeta.Result{Code: http.StatusOK}, stream)
	}
	want := harness.Answers{Checked: 6, Wrong: 1, FalsePositives: 1, Negatives: 3}
	if got := r.Answers(true); got != want {
		t.Errorf("answers %+v where false positives are allowed, want %+v", got, want)
	}
	want.Wrong = 2
	if got := r.Answers(false); got != want {
		t.Errorf("answers %+v where false positives are not allowed, want %+v", got, want)
	}
}

func TestMergeIsOneLongSegment(t *testing.T) {
	stream := make(scripted, 90)
	random := rand.New(rand.NewPCG(1, 2))
	var whole, merged Result
	for part := range 3 {
		var r Result
		for i := part * 30; i < part*30+30; i++ {
			stream[i] = harness.Answer(random.IntN(int(harness.Wrong) + 1))
			hit := &vegeta.Result{
				Code:    []uint16{0, 200, 200, 404, 503}[random.IntN(5)],
				Latency: time.Duration(random.IntN(1e9)),
				Error:   "failed",
			}
			r.add(i, hit, stream)
			whole.add(i, hit, stream)
		}
		r.ElapsedSeconds, r.SendingSeconds, r.ScheduleSeconds = 4, 3, 2
		merged.Merge(r)
	}
	whole.ElapsedSeconds, whole.SendingSeconds, whole.ScheduleSeconds = 12, 9, 6
	if diff := cmp.Diff(whole, merged, cmp.AllowUnexported(Result{})); diff != "" {
		t.Errorf("merged (-whole +merged):\n%s", diff)
	}
	if got := merged.RatePerSecond(); got != 10 {
		t.Errorf("rate %g/s, want 10: 90 requests in 9 s", got)
	}
	if got := merged.Lag(); got != 0.5 {
		t.Errorf("lag %g, want 0.5: 9 s in place of 6", got)
	}
}

func TestEmptyResult(t *testing.T) {
	var r Result
	if diff := cmp.Diff(harness.LoadResult{Statuses: map[int]int{}}, r.LoadResult()); diff != "" {
		t.Errorf("load of no requests (-want +got):\n%s", diff)
	}
	if r.Lag() != 0 || r.Answers(false) != (harness.Answers{}) {
		t.Errorf("lag %g and answers %+v of no requests, want none", r.Lag(), r.Answers(false))
	}
}

func TestFirstErrorIsBounded(t *testing.T) {
	var r Result
	r.add(0, &vegeta.Result{Code: http.StatusInternalServerError, Error: "500", Body: make([]byte, maxBodyBytes)}, scripted{harness.Failed})
	if len(r.FirstError) > maxErrorBytes+len("…") || !utf8.ValidString(r.FirstError) {
		t.Errorf("first error of %d bytes, valid UTF-8: %t, want at most %d", len(r.FirstError), utf8.ValidString(r.FirstError), maxErrorBytes)
	}
}

func TestQuantileAgainstSortedLatencies(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := 1; n <= 400; n = n*3 + 1 {
		all, l := make([]time.Duration, n), Latencies{}
		for i := range all {
			all[i] = time.Duration(random.ExpFloat64() * float64(time.Millisecond))
			l.add(all[i])
		}
		slices.Sort(all)
		for _, percent := range []int{0, 1, 50, 99, 100} {
			rank := max(1, (percent*n+99)/100)
			want := roundDigits(all[rank-1])
			if got := l.Quantile(float64(percent) / 100); got != want {
				t.Errorf("p%d of %d latencies = %s, want %s", percent, n, got, want)
			}
		}
	}
	if got := (Latencies{}).Quantile(0.5); got != 0 {
		t.Errorf("p50 of none = %s, want 0", got)
	}
}

func TestRoundDigits(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0: 0, 7: 7, 999: 999, 1004: 1000, 1005: 1010, 999_499: 999_000, 999_500: 1_000_000,
		1_234_567: 1_230_000, 10 * time.Second: 10 * time.Second,
	} {
		if got := roundDigits(d); got != want {
			t.Errorf("roundDigits(%d) = %d, want %d", d, got, want)
		}
	}
}
