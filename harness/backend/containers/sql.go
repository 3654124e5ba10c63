package containers

import (
	"cmp"
	"context"
	"crypto/rand"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/postgres"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/external"
)

// SQL starts a Postgres server. All variants share it.
type SQL struct {
	// Image is its name and tag. Empty: [harness.SQLImage].
	Image string
}

// Start starts the server and makes a schema for the run. An image that is not
// there is pulled.
func (s SQL) Start(ctx context.Context, variants []string) (backend.Service, error) {
	return launch{
		name:  "postgres",
		image: cmp.Or(s.Image, harness.SQLImage),
		port:  "5432/tcp",
		// The first server of a new cluster is a private one, which sets it up.
		ready: wait.ForLog("database system is ready to accept connections").WithOccurrence(2),
		create: func(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error) {
			return postgres.Run(ctx, image, append(options, postgres.WithPassword(rand.Text()))...)
		},
		url: func(ctx context.Context, c testcontainers.Container) (string, error) {
			return c.(*postgres.PostgresContainer).ConnectionString(ctx, "sslmode=disable")
		},
		open: func(ctx context.Context, url string) (backend.Service, error) {
			return external.SQL{URL: url}.Start(ctx, variants)
		},
	}.start(ctx)
}
