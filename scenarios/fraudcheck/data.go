// Package fraudcheck is the data of the fraud-check case: the risky users that
// the database is filled with, and the payments that are asked about, each with
// its true answer.
//
// It neither starts a backend nor serves a payment: package scenarios joins it
// with the variants, and the lab fills before the targets start and streams
// while they run.
package fraudcheck

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
)

const (
	maxUsers    = 2_000_000
	minRowBytes = 128
	maxRowBytes = 64 * harness.KiB
)

// Data sizes the case. Everything is a function of it: equal data make equal
// tables and equal streams, on every machine.
type Data struct {
	// RiskyUsers is the number of active rows, InactiveUsers that of rows which
	// the query must leave out.
	RiskyUsers    int `json:"risky_users" yaml:"risky_users"`
	InactiveUsers int `json:"inactive_users" yaml:"inactive_users"`
	// RowBytes is the length of a row's text.
	RowBytes harness.Bytes `json:"row_bytes" yaml:"row_bytes"`
	// CacheTTL is how long the list of risky users stays in Redis. Zero: it is
	// never cached, and every look is a miss.
	CacheTTL harness.Duration `json:"cache_ttl" yaml:"cache_ttl"`
	// Seed chooses the users.
	Seed int64 `json:"seed" yaml:"seed"`
	// RiskyShare is the share of payments by risky users, evenly spread: 0 to 1.
	RiskyShare float64 `json:"risky_share" yaml:"risky_share"`
}

// DefaultData is the incident's: a thousand risky users in rows of 1 KiB.
func DefaultData() Data {
	return Data{
		RiskyUsers:    1000,
		InactiveUsers: 200,
		RowBytes:      harness.KiB,
		CacheTTL:      harness.Duration(300 * time.Second),
		Seed:          7,
		RiskyShare:    0.1,
	}
}

// Validate reports all mistakes at once.
func (d Data) Validate() error {
	var errs []error
	mistake := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if d.RiskyUsers < 0 || d.RiskyUsers > maxUsers {
		mistake("data.risky_users = %d, want 0 to %d", d.RiskyUsers, maxUsers)
	}
	if d.InactiveUsers < 0 || d.InactiveUsers > maxUsers {
		mistake("data.inactive_users = %d, want 0 to %d", d.InactiveUsers, maxUsers)
	}
	if d.RowBytes < minRowBytes || d.RowBytes > maxRowBytes {
		mistake("data.row_bytes = %v, want %d B to %v", d.RowBytes, minRowBytes, maxRowBytes)
	}
	if ttl := time.Duration(d.CacheTTL); ttl != 0 && ttl < time.Millisecond {
		mistake("data.cache_ttl = %v, want 0s (never cached) or at least 1ms", d.CacheTTL)
	}
	switch {
	case math.IsNaN(d.RiskyShare) || d.RiskyShare < 0 || d.RiskyShare > 1:
		mistake("data.risky_share = %v, want 0 to 1", d.RiskyShare)
	case d.RiskyShare > 0 && d.RiskyUsers == 0:
		mistake("data.risky_share = %v, want 0 where data.risky_users is 0", d.RiskyShare)
	}
	return errors.Join(errs...)
}

// user is the id of the n-th user. The first RiskyUsers are risky, the next
// InactiveUsers were, all others never. Ids of one seed are distinct and their
// order says nothing.
func (d Data) user(n uint64) string {
	return fmt.Sprintf("u%016x", mix(n^mix(uint64(d.Seed))))
}

var (
	reasons   = []string{"stolen card", "chargebacks", "account takeover", "velocity", "synthetic identity"}
	reporters = []string{"issuer", "merchant", "analyst", "rules"}
)

// row is what the table holds of the n-th user.
type row struct {
	userID, reason string
	severity       int
	reportedBy     string
	notes          string
	active         bool
}

func (d Data) row(n int) row {
	h := mix(mix(uint64(n)) + uint64(d.Seed))
	r := row{
		userID:     d.user(uint64(n)),
		reason:     reasons[h%uint64(len(reasons))],
		severity:   1 + int(h>>8%5),
		reportedBy: reporters[h>>16%uint64(len(reporters))],
		active:     n < d.RiskyUsers,
	}
	note := fmt.Sprintf("case %08x: %s, seen by %s; ", uint32(h>>32), r.reason, r.reportedBy)
	length := int(d.RowBytes) - len(r.userID) - len(r.reason) - len(r.reportedBy)
	r.notes = strings.Repeat(note, length/len(note)+1)[:length]
	return r
}

// mix is the finalizer of SplitMix64: a permutation of the 64-bit numbers, so
// that different numbers stay different, and as good as random.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
