package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/leaklab/leaklab/fixed/fraudcheck/array"
	"github.com/leaklab/leaklab/fixed/fraudcheck/bloom"
	"github.com/leaklab/leaklab/fixed/fraudcheck/dropped"
	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/fixed/fraudcheck/redisset"
	"github.com/leaklab/leaklab/fixed/fraudcheck/set"
	"github.com/leaklab/leaklab/fixed/fraudcheck/smallbloom"
	"github.com/leaklab/leaklab/harness/backend"
	leaky "github.com/leaklab/leaklab/leaky/fraudcheck"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

// fraudcheckCase asks for each payment whether its user is a risky one. Its
// handlers differ in how they hold the list of risky users.
var fraudcheckCase = Case{
	Name:     "fraudcheck",
	Needs:    backend.Needs{Redis: true, SQL: true},
	Defaults: fraudcheck.DefaultData(),
	Handlers: []Handler{
		{
			Name:       "leaky/fraudcheck",
			About:      "a set for each request, kept by a closure until the service ends",
			Complexity: "O(n) a request, and n kept of each",
			BestFor:    "nothing: it is the defect",
			New:        newFraudcheck(leaky.New),
		},
		{
			Name:       "fixed/fraudcheck/dropped",
			About:      "a set for each request, kept by nobody: garbage, not a leak",
			Complexity: "O(n) a request",
			BestFor:    "a control: it shows what the set costs as garbage",
			New:        newFraudcheck(dropped.New),
		},
		{
			Name:       "fixed/fraudcheck/array",
			About:      "the parsed list, looked through from its start",
			Complexity: "O(n) a request",
			BestFor:    "short lists and few requests",
			New:        newFraudcheck(array.New),
		},
		{
			Name:       "fixed/fraudcheck/set",
			About:      "one set for all requests, built anew at each refresh",
			Complexity: "O(1) a request, O(n) a refresh",
			BestFor:    "exact answers where the list fits in memory",
			New:        newFraudcheck(set.New),
		},
		{
			Name:           "fixed/fraudcheck/bloom",
			About:          "a Bloom filter for all requests, built anew at each refresh",
			Complexity:     "O(1) a request, O(n) a refresh",
			BestFor:        "long lists where a false alarm now and then is fine",
			FalsePositives: true,
			New:            newFraudcheck(bloom.New),
		},
		{
			Name:       "fixed/fraudcheck/redisset",
			About:      "a set in Redis, asked for each request",
			Complexity: "O(1) and a round trip a request, O(n) a refresh",
			BestFor:    "many services that share one list",
			New:        newFraudcheck(redisset.New),
		},
		{
			Name:           "fixed/fraudcheck/smallbloom",
			About:          "a Bloom filter made for 100 000 users, however many there are",
			Complexity:     "O(1) a request, O(n) a refresh",
			BestFor:        "nothing past 100 000 users: it shows what becomes of the answers",
			FalsePositives: true,
			New:            newFraudcheck(smallbloom.New),
		},
	},
}

// newFraudcheck gives a handler of the case its stores.
func newFraudcheck(newHandler func(context.Context, *payment.Stores) http.Handler) func(context.Context, Env) (http.Handler, func() error, error) {
	return func(ctx context.Context, env Env) (http.Handler, func() error, error) {
		data, ok := env.Data.(fraudcheck.Data)
		if !ok {
			return nil, nil, fmt.Errorf("data are %T, want those of case fraudcheck", env.Data)
		}
		stores, err := payment.Open(payment.Config{
			RedisURL:    env.RedisURL,
			DatabaseURL: env.DatabaseURL,
			CacheTTL:    time.Duration(data.CacheTTL),
		})
		if err != nil {
			return nil, nil, err
		}
		return newHandler(ctx, stores), stores.Close, nil
	}
}
