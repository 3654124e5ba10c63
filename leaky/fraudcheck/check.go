// Package fraudcheck keeps every payment's own set of risky users until the
// service ends: an audit that waits for the shutdown names the set, and nobody
// ever calls the waiting off.
//
// It is the defect of the incident: it neither measures itself nor knows that it
// is measured. Each package of fixed/fraudcheck is a remedy, to be read as a diff
// of its check.go against this one; what they share is package payment.
package fraudcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

type checker struct {
	service context.Context
	stores  *payment.Stores
}

// New serves fraud checks until service ends, and then audits them.
func New(service context.Context, stores *payment.Stores) http.Handler {
	c := &checker{service, stores}
	return payment.Handler(c.check)
}

// check looks the payer up among the risky users, and leaves an audit line of
// the decision for the shutdown.
func (c *checker) check(ctx context.Context, p payment.Payment) (bool, error) {
	ids, rows, err := c.riskyUsers(ctx)
	if err != nil {
		return false, err
	}

	riskySet := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		riskySet[id] = struct{}{}
	}
	isRisky := func(userID string) bool {
		_, found := riskySet[userID]
		return found
	}
	risky := isRisky(p.UserID)
	row := rowOf(rows, p.UserID)

	// A closure keeps the variables that it names and all that they reach, no
	// more. This one names isRisky, which names riskySet and so reaches every id;
	// and row, a pointer into the result of the query, which keeps the whole
	// result. It does not keep ids, list or ctx. It is itself kept by the service's
	// context, until that ends or someone calls the stop function.
	context.AfterFunc(c.service, func() {
		audit := slog.With("payment_id", p.PaymentID, "risky", risky, "recheck", isRisky(p.UserID))
		if row != nil {
			audit = audit.With("reason", row.Reason, "severity", row.Severity, "reported_by", row.ReportedBy)
		}
		audit.Info("payment audited")
	})
	return risky, nil
}

// riskyUsers is the ids of the risky users, from Redis where it has them, else
// from SQL: then with the rows that they come from.
func (c *checker) riskyUsers(ctx context.Context) (ids []string, rows []payment.RiskyUser, err error) {
	list, cached, err := c.stores.CachedList(ctx)
	if err != nil {
		return nil, nil, err
	}
	if cached {
		if err := json.Unmarshal(list, &ids); err != nil {
			return nil, nil, fmt.Errorf("cached list of risky users: %w", err)
		}
		return ids, nil, nil
	}

	if rows, err = c.stores.RiskyUsers(ctx); err != nil {
		return nil, nil, err
	}
	ids = make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].UserID
	}
	return ids, rows, c.stores.CacheList(ctx, ids)
}

// rowOf is the row of a user, or nil where there is none.
func rowOf(rows []payment.RiskyUser, userID string) *payment.RiskyUser {
	for i := range rows {
		if rows[i].UserID == userID {
			return &rows[i]
		}
	}
	return nil
}
