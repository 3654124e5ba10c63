package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// CreateTable makes the table of risky users, in the SQL that SQLite and
// Postgres have in common.
const CreateTable = `CREATE TABLE IF NOT EXISTS risky_users (
	user_id     TEXT PRIMARY KEY,
	reason      TEXT NOT NULL,
	severity    INTEGER NOT NULL,
	reported_by TEXT NOT NULL,
	notes       TEXT NOT NULL,
	active      BOOLEAN NOT NULL
)`

const (
	selectRiskyUsers   = `SELECT user_id, reason, severity, reported_by, notes FROM risky_users WHERE active = true`
	selectRiskyUserIDs = `SELECT user_id FROM risky_users WHERE active = true`
	// listKey holds the ids of all active risky users as a JSON array.
	listKey = "risky_users"
)

// RiskyUser is a row of the table. Its notes make it about 1 KiB.
type RiskyUser struct {
	UserID     string
	Reason     string
	Severity   int
	ReportedBy string
	Notes      string
}

// RiskyUsers reads the whole rows of all active risky users.
func (s *Stores) RiskyUsers(ctx context.Context) (users []RiskyUser, err error) {
	rows, err := s.SQL.QueryContext(ctx, selectRiskyUsers)
	if err != nil {
		return nil, fmt.Errorf("risky users: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u RiskyUser
		if err := rows.Scan(&u.UserID, &u.Reason, &u.Severity, &u.ReportedBy, &u.Notes); err != nil {
			return nil, fmt.Errorf("risky users: row %d: %w", len(users)+1, err)
		}
		users = append(users, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("risky users: %w", err)
	}
	return users, nil
}

// RiskyUserIDs reads the ids of all active risky users and nothing else of the
// rows.
func (s *Stores) RiskyUserIDs(ctx context.Context) (ids []string, err error) {
	rows, err := s.SQL.QueryContext(ctx, selectRiskyUserIDs)
	if err != nil {
		return nil, fmt.Errorf("ids of risky users: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("ids of risky users: row %d: %w", len(ids)+1, err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ids of risky users: %w", err)
	}
	return ids, nil
}

// CachedList is the JSON array of ids in Redis; ok is false on a miss.
func (s *Stores) CachedList(ctx context.Context) (list []byte, ok bool, err error) {
	list, err = s.Redis.Get(ctx, listKey).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("redis get %s: %w", listKey, err)
	}
	return list, true, nil
}

// CacheList puts the ids into Redis for the time of [Config.CacheTTL].
func (s *Stores) CacheList(ctx context.Context, ids []string) error {
	if s.cacheTTL == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("cached list: %w", err)
	}
	if err := s.Redis.Set(ctx, listKey, list, s.cacheTTL).Err(); err != nil {
		return fmt.Errorf("redis set %s: %w", listKey, err)
	}
	return nil
}
