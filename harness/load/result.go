package load

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/leaklab/leaklab/harness"
)

// maxErrorBytes bounds the text kept of a failure.
const maxErrorBytes = 300

// Result is how a target answered one segment, or several that were merged. The
// zero value is that of no requests.
type Result struct {
	// Requests were answered or failed; Errors of them had no complete answer,
	// one with a status of 500 or above that the stream's Check does not expect, or
	// one that it takes for failed.
	Requests, Errors int
	// Statuses counts answers by status code; 0 stands for no answer.
	Statuses map[int]int
	// FirstError describes the first error, for a reader; empty when there is none.
	FirstError string
	// Unanswered is why the first request that had no answer at all had none; nil where
	// all were answered. What the target says is no part of it.
	Unanswered error
	// Latencies are those of all requests that are no errors.
	Latencies Latencies
	// ElapsedSeconds is from the start to the last answer, SendingSeconds from the
	// start to the last request, ScheduleSeconds what the rate wanted that to be:
	// 0 in a closed loop.
	ElapsedSeconds, SendingSeconds, ScheduleSeconds float64

	answers harness.Answers
}

// RatePerSecond is the rate at which requests were sent; 0 where none was.
func (r Result) RatePerSecond() float64 {
	if r.SendingSeconds <= 0 {
		return 0
	}
	return float64(r.Requests) / r.SendingSeconds
}

// Lag is by which part of the schedule the sending was late: 0.1 says that it
// took 10 % longer than the rate wanted. It is 0 in a closed loop and never
// negative.
func (r Result) Lag() float64 {
	if r.ScheduleSeconds <= 0 {
		return 0
	}
	return max(0, r.SendingSeconds/r.ScheduleSeconds-1)
}

// Answers counts the checked answers; an error is not checked. A false positive
// is wrong unless allowed, and counted as what it is either way.
func (r Result) Answers(allowFalsePositives bool) harness.Answers {
	a := r.answers
	if !allowFalsePositives {
		a.Wrong += a.FalsePositives
	}
	return a
}

// LoadResult is the result as the record holds it, without the target's CPU time.
func (r Result) LoadResult() harness.LoadResult {
	statuses := maps.Clone(r.Statuses)
	if statuses == nil {
		statuses = map[int]int{}
	}
	return harness.LoadResult{
		Requests:          r.Requests,
		RatePerSecond:     r.RatePerSecond(),
		Errors:            r.Errors,
		LatencyP50Seconds: r.Latencies.seconds(0.50),
		LatencyP99Seconds: r.Latencies.seconds(0.99),
		Statuses:          statuses,
		FirstError:        r.FirstError,
	}
}

// Merge adds a later segment. All segments of a merged result ought to have one
// rate: else its rate and lag are those of none of them.
func (r *Result) Merge(later Result) {
	r.Requests += later.Requests
	r.Errors += later.Errors
	if r.FirstError == "" {
		r.FirstError = later.FirstError
	}
	if r.Unanswered == nil {
		r.Unanswered = later.Unanswered
	}
	r.ElapsedSeconds += later.ElapsedSeconds
	r.SendingSeconds += later.SendingSeconds
	r.ScheduleSeconds += later.ScheduleSeconds
	r.answers.Checked += later.answers.Checked
	r.answers.Wrong += later.answers.Wrong
	r.answers.FalsePositives += later.answers.FalsePositives
	r.answers.Negatives += later.answers.Negatives
	r.init()
	for status, n := range later.Statuses {
		r.Statuses[status] += n
	}
	for latency, n := range later.Latencies {
		r.Latencies[latency] += n
	}
}

// add counts the answer to the stream's i-th request, and tells whether it is none
// of the errors.
func (r *Result) add(i int, hit *vegeta.Result, stream harness.Stream) (ok bool) {
	r.init()
	status := int(hit.Code)
	r.Requests++
	r.Statuses[status]++
	answer := harness.Failed
	if status != 0 {
		answer = stream.Check(i, status, hit.Body)
	}
	if status >= http.StatusInternalServerError && answer != harness.Unchecked {
		answer = harness.Failed
	}
	if answer == harness.Failed {
		r.Errors++
		if r.FirstError == "" {
			r.FirstError = describe(i, stream.Request(i), hit)
		}
		return false
	}
	r.Latencies.add(hit.Latency)
	r.answers = countAnswer(r.answers, answer)
	return true
}

func (r *Result) init() {
	if r.Statuses == nil {
		r.Statuses, r.Latencies = map[int]int{}, Latencies{}
	}
}

func countAnswer(a harness.Answers, answer harness.Answer) harness.Answers {
	if answer == harness.Unchecked {
		return a
	}
	a.Checked++
	switch answer {
	case harness.TrueNegative:
		a.Negatives++
	case harness.FalsePositive:
		a.Negatives++
		a.FalsePositives++
	case harness.Wrong:
		a.Wrong++
	}
	return a
}

// describe is an error in a line: the request, what went wrong, and the
// beginning of the answer, without what only the target may know.
func describe(i int, req harness.Request, hit *vegeta.Result) string {
	text := fmt.Sprintf("request %d, %s: %s", i, shown(req), withoutSecrets(hit.Error, req))
	if len(hit.Body) > 0 {
		text += fmt.Sprintf(": %.*q", maxErrorBytes, withoutSecrets(string(hit.Body), req))
	}
	if len(text) > maxErrorBytes {
		text = strings.ToValidUTF8(text[:maxErrorBytes], "") + "…"
	}
	return text
}
