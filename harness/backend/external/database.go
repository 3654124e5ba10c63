package external

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/owner"
)

// ownerKey marks a database as a run's: its value is the [owner.Mark] of the
// process that claimed it. What a killed run left is known by it, and two runs
// cannot both find a database empty.
const ownerKey = "leaklab:owner"

// database is one numbered database of a Redis server.
type database struct {
	number int
	url    string
	client *redis.Client
}

func newDatabase(options redis.Options, number int) *database {
	return &database{number: number, client: redis.NewClient(clientOptions(options, number))}
}

// takenError is a database that somebody else uses.
type takenError struct {
	number int
	by     string
	url    string
}

func (e *takenError) Error() string {
	return fmt.Sprintf("database %d of %s is not empty: it has %s; name the first of the empty ones in the URL, or empty it with redis-cli -n %d FLUSHDB",
		e.number, backend.Redact(e.url), e.by, e.number)
}

// claim makes the database this run's. It must be empty, or left by a run of
// this machine that is dead: then it is emptied. The look and the mark are one
// transaction on the mark, so that of two runs only one gets it.
func (d *database) claim(ctx context.Context) error {
	err := d.client.Watch(ctx, func(tx *redis.Tx) error {
		keys, err := tx.DBSize(ctx).Result()
		if err != nil {
			return err
		}
		if keys > 0 {
			if err := d.checkAbandoned(ctx, tx, keys); err != nil {
				return err
			}
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			if keys > 0 {
				p.FlushDB(ctx)
			}
			p.Set(ctx, ownerKey, owner.Mark(), 0)
			return nil
		})
		return err
	}, ownerKey)
	if errors.Is(err, redis.TxFailedErr) {
		return &takenError{d.number, "the data of a run that has just begun", d.url}
	}
	return err
}

// checkAbandoned refuses a database with keys that no dead run has left.
func (d *database) checkAbandoned(ctx context.Context, tx *redis.Tx, keys int64) error {
	mark, err := tx.Get(ctx, ownerKey).Result()
	switch {
	case errors.Is(err, redis.Nil) || redis.HasErrorPrefix(err, "WRONGTYPE"):
		return &takenError{d.number, fmt.Sprintf("%d keys of somebody else's", keys), d.url}
	case err == nil && !owner.Abandoned(mark):
		return &takenError{d.number, fmt.Sprintf("the data of another run (process %s)", mark), d.url}
	}
	return err
}

// release empties the database.
func (d *database) release(ctx context.Context) error {
	err := d.client.FlushDB(ctx).Err()
	if err != nil {
		err = fmt.Errorf("external redis: empty database %d: %w", d.number, backend.RedactError(err, d.url))
	}
	return errors.Join(err, d.client.Close())
}
