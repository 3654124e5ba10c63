package external

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/leaklab/leaklab/harness/backend"
)

const (
	// scanBatch is how many keys are asked about in one round trip.
	scanBatch = 1000
	// maxKeys is how many keys are summed up at most: 100 round trips.
	maxKeys = 100 * scanBatch
)

// memory sums up the keys of the database, the owner's mark apart. A key that
// goes in the meantime counts nothing; SCAN may show one twice while the server
// resizes its table, so ask at rest.
func (d *database) memory(ctx context.Context) (*int64, error) {
	var sum int64
	var seen int
	for cursor := uint64(0); ; {
		keys, next, err := d.client.Scan(ctx, cursor, "", scanBatch).Result()
		if err != nil {
			return nil, d.memoryFault(err)
		}
		if seen += len(keys); seen > maxKeys {
			return nil, d.memoryFault(fmt.Errorf("more than %d keys", maxKeys))
		}
		bytes, told, err := d.usage(ctx, keys)
		switch {
		case err != nil:
			return nil, d.memoryFault(err)
		case !told:
			return nil, nil
		case next == 0:
			sum += bytes
			return &sum, nil
		}
		sum += bytes
		cursor = next
	}
}

// usage is what the keys take together, and whether the server tells.
func (d *database) usage(ctx context.Context, keys []string) (bytes int64, told bool, err error) {
	var answers []*redis.IntCmd
	// Each answer carries its own error, that of the connection too.
	_, _ = d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			if key != ownerKey {
				answers = append(answers, p.MemoryUsage(ctx, key, 0)) // 0 samples: all elements
			}
		}
		return nil
	})
	for _, answer := range answers {
		var refused redis.Error
		switch err := answer.Err(); {
		case err == nil:
			bytes += answer.Val()
		case errors.Is(err, redis.Nil): // the key is gone
		case errors.As(err, &refused):
			return 0, false, nil
		default:
			return 0, false, err
		}
	}
	return bytes, true, nil
}

func (d *database) memoryFault(err error) error {
	return fmt.Errorf("external redis: memory of database %d: %w", d.number, backend.RedactError(err, d.url))
}
