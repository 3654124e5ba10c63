package leaktest

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// Config says what to measure and what is allowed. The zero value asks for GET /
// and allows nothing that grows.
type Config struct {
	// Budget is what the code may do; a request is a call where [Func] measures.
	// The zero value allows no growth above what the runtime's own noise is.
	Budget harness.Budget
	// Suppressions are leaks that are known and let pass until a day. One that has
	// expired, or that nothing leaks any more, fails the test.
	Suppressions []harness.Suppression
	// Expect is harness.ExpectLeak where the test is of a leak that must be found.
	// The zero value expects none.
	Expect harness.Expectation
	// Replay is harness.ReplayNever where the same i must not be given twice, nor
	// many in a row. The zero value allows both: they tell a leak from a cache.
	Replay harness.ReplayMode
	// Calls is the number of requests or calls between two readings. Zero: 200
	// requests; as many calls as take 4 ms, 20 to 1000.
	Calls int
	// WarmUp is the number of requests or calls before the first reading: more than
	// the caches of the code hold. Zero: 400 requests; as many calls as take 4 ms.
	WarmUp int
	// MaxTime bounds the measurement; it also ends before the deadline of the test.
	// Zero: 2 minutes, of which a handler that is clean takes a second and a function
	// 0.2 s.
	MaxTime time.Duration
	// Patience is how long growth is watched before a test fails for it: what is let
	// go by then, by a timer, by a cache whose entries expire, is no leak. A test
	// that passes does not wait. Zero: 15 s, half of that with -short. Negative: none.
	Patience time.Duration
	// Rate is the number of requests a second. Zero: as many as are answered. Func
	// calls without a pause, and takes the rate for budgets in time alone.
	Rate harness.Rate

	// The fields below are for Handler.

	// Request is the i-th request; i counts from 0, and the same i must give the
	// same request. It is called from many goroutines. Nil: GET / each time; GET and
	// / also stand for an empty method and path.
	Request func(i int) harness.Request
	// Accept tells whether a response of a status is one to expect; all others are
	// failures, and where most fail nothing is measured. Nil: those below 400.
	Accept func(status int) bool
	// Connections is the number of connections that are held open. Zero: 8.
	Connections int
}

const (
	defaultConnections = 8
	defaultRequests    = 200
	defaultMaxTime     = 2 * time.Minute
	requestTimeout     = 10 * time.Second
)

// defaultPatience is that of a scenario. The package's own tests, many of which leak
// on purpose, have none.
var defaultPatience = time.Duration(harness.DefaultLoad().Patience)

// rounds bounds the fresh rounds. An acquittal takes three times the least number;
// what stands on the edge gets up to the most.
var rounds = harness.Segments{Min: 5, Max: 60}

// Validate reports all mistakes of the configuration at once. [Handler] and [Func]
// call it.
func (c Config) Validate() error {
	spec := c.scenario("validate", "validate")
	err := spec.Validate()
	if c.Rate == 0 && (c.Budget.Growth != harness.Growth{} || c.Budget.TimeToOOM != harness.TimeToOOM{}) {
		err = errors.Join(err, errors.New("load.rate = 0, want the rate of the service: budgets of growth and time to OOM are in time"))
	}
	if err != nil {
		return errors.New("leaktest.Config: " + inConfigWords.Replace(err.Error()))
	}
	return nil
}

// scenario is the configuration as the lab knows it, for requests.
func (c Config) scenario(variant, test string) harness.Scenario {
	s := harness.Scenario{
		Name:  scenarioName,
		About: test,
		Load: harness.Load{
			Rate:        cmp.Or(c.Rate, harness.MaxRate),
			Connections: cmp.Or(c.Connections, defaultConnections),
			WarmUp:      cmp.Or(c.WarmUp, 2*defaultRequests),
			Segment:     cmp.Or(c.Calls, defaultRequests),
			Segments:    rounds,
			MaxTime:     harness.Duration(cmp.Or(c.MaxTime, defaultMaxTime)),
			Timeout:     harness.Duration(requestTimeout),
			Patience:    harness.Duration(max(0, cmp.Or(c.Patience, defaultPatience))),
		},
		Budget:       c.Budget,
		Replay:       c.Replay,
		Suppressions: c.Suppressions,
		Variants:     []harness.Variant{{Name: variant, Handler: test, Expect: c.Expect}},
	}
	if testing.Short() {
		s.Load.Segment, s.Load.WarmUp = half(s.Load.Segment), half(s.Load.WarmUp)
		s.Load.Patience /= 2
	}
	s.Load.WarmUp = max(s.Load.WarmUp, s.Load.Connections)
	return s
}

// half is half of a number of calls, at least one; a mistake stays one.
func half(n int) int { return min(n, max(1, n/2)) }

const scenarioName = "leaktest"

// inConfigWords puts what is said of a scenario in the words of a Config.
var inConfigWords = strings.NewReplacer(
	`scenario "`+scenarioName+`": `, "",
	"raise load.max_time and load.segments.max", "raise Config.MaxTime and Config.Calls",
	"(budget.keys)", "(Config.Budget.Keys)", "(replay: always)", "(Config.Replay)",
	"load.warm_up", "WarmUp", "load.segments.", "rounds.", "load.segment", "Calls", "load.rate", "Rate",
	"load.connections", "Connections", "load.patience", "Patience", "load.max_time", "MaxTime",
	"budget.", "Budget.", "suppressions[", "Suppressions[", "replay = ", "Replay = ",
	"variants.validate.expect", "Expect",
)

// stream is the requests of a Config.
type stream struct{ config Config }

// Request is the i-th request with the defaults filled in.
func (s stream) Request(i int) harness.Request {
	var r harness.Request
	if s.config.Request != nil {
		r = s.config.Request(i)
	}
	r.Method, r.Path = cmp.Or(r.Method, http.MethodGet), cmp.Or(r.Path, "/")
	return r
}

// Check takes a status that is not accepted for failed.
func (s stream) Check(_, status int, _ []byte) harness.Answer {
	accepted := status < http.StatusBadRequest
	if s.config.Accept != nil {
		accepted = s.config.Accept(status)
	}
	if !accepted {
		return harness.Failed
	}
	return harness.Unchecked
}
