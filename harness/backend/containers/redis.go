package containers

import (
	"cmp"
	"context"
	"strconv"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/redis"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/external"
)

// Redis starts a Redis server. Each variant has a database of its own.
type Redis struct {
	// Image is its name and tag. Empty: [harness.RedisImage].
	Image string
}

// Start starts the server and claims a database for each variant. An image that
// is not there is pulled.
func (r Redis) Start(ctx context.Context, variants []string) (backend.Service, error) {
	return launch{
		name:  "redis",
		image: cmp.Or(r.Image, harness.RedisImage),
		port:  "6379/tcp",
		ready: wait.ForLog("Ready to accept connections"),
		create: func(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error) {
			databases := strconv.Itoa(max(len(variants), 1))
			return redis.Run(ctx, image, append(options, testcontainers.WithCmdArgs("--databases", databases, "--save", ""))...)
		},
		url: func(ctx context.Context, c testcontainers.Container) (string, error) {
			return c.(*redis.RedisContainer).ConnectionString(ctx)
		},
		open: func(ctx context.Context, url string) (backend.Service, error) {
			return external.Redis{URL: url}.Start(ctx, variants)
		},
	}.start(ctx)
}
