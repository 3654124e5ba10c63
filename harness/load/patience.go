package load

import (
	"errors"
	"time"
)

// ErrGivenUp is the error of a segment that ended early because its requests
// failed.
var ErrGivenUp = errors.New("the target answers no more")

// Patience is how long a segment goes on while its requests fail.
type Patience int

const (
	// Endless sends all requests, whatever becomes of them.
	Endless Patience = iota
	// UntilHung gives up a target that has answered nothing from the start: on every
	// connection a request has timed out. One that refuses may come to itself.
	UntilHung
	// UntilFailing gives up a target that fails: half of the last requests, one of
	// each connection, have failed for failingTime.
	UntilFailing
)

// failingTime is longer than a hiccup, such as a collection or a lost connection,
// and about as long as a round of a flood.
const failingTime = time.Second

// minLast is the fewest requests that tell that a target fails.
const minLast = 8

// course is how the requests of a segment have fared so far.
type course struct {
	patience    Patience
	connections int
	timeout     time.Duration
	ended       int
	alive       bool // one was answered, or refused
	// last tells of the last requests which failed, failures counts these, and well
	// is the last answer while they were fewer than half.
	last     []bool
	failures int
	well     time.Time
}

func newCourse(p Patience, connections int, timeout time.Duration, began time.Time) *course {
	return &course{patience: p, connections: connections, timeout: timeout, last: make([]bool, max(minLast, connections)), well: began}
}

// over takes in how a request ended, when and after how long, and tells whether
// patience has ended.
func (c *course) over(end time.Time, took time.Duration, failed bool) bool {
	oldest := &c.last[c.ended%len(c.last)]
	c.failures += count(failed) - count(*oldest)
	*oldest = failed
	c.ended++
	c.alive = c.alive || !failed || took < c.timeout
	failing := 2*c.failures >= len(c.last)
	if !failing && !failed && end.After(c.well) { // they do not come in the order of their ends
		c.well = end
	}
	switch c.patience {
	case UntilHung:
		return !c.alive && c.ended >= c.connections
	case UntilFailing:
		return failing && end.Sub(c.well) >= failingTime
	}
	return false
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
