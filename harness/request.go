package harness

// Request is one request of a stream, relative to a target.
type Request struct {
	Method string
	Path   string
	Header map[string][]string
	Body   []byte
	// Secrets is values in it that must never be shown.
	Secrets []string
}

// Answer says what a response was worth.
type Answer uint8

// The answers. A yes-or-no question whose true answer is no is a TrueNegative
// where the response says so, and a FalsePositive where it says yes: wrong, but
// of the kind that a probabilistic filter is allowed.
const (
	// Unchecked: nothing is known of what the answer should say. Where a status of 500
	// or above is, it was to be expected; else that is Failed, whatever the check says.
	Unchecked Answer = iota
	Right
	TrueNegative
	FalsePositive
	Wrong
	// Failed: what was asked for was not done. It counts as an error, not as an
	// answer.
	Failed
)

// Stream is the request stream of a scenario: the i-th request and whether a
// response answers it. Both are pure functions of i, so that every variant gets
// the identical stream, and safe for concurrent use.
type Stream interface {
	Request(i int) Request
	Check(i, status int, body []byte) Answer
}
