package containers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/owner"
)

const (
	// createTime bounds the making of a container, which is not cut short.
	createTime = 20 * time.Second
	// readyTime bounds the time from a container's start until its server answers:
	// Postgres takes 2 to 5 s.
	readyTime = 30 * time.Second
)

// launch is how a server of one kind is started in a container.
type launch struct {
	name  string // of the server, for messages
	image string
	port  string // inside the container: "6379/tcp"
	// ready is how the server says that it is ready.
	ready wait.Strategy
	// create makes the container. It may return one with an error.
	create func(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error)
	// url is where the server of a running container is.
	url func(ctx context.Context, c testcontainers.Container) (string, error)
	// open makes room for a run in the server at a URL: the work of package external.
	open func(ctx context.Context, url string) (backend.Service, error)
}

// start starts the server, and removes whatever it made where that fails.
func (l launch) start(ctx context.Context) (backend.Service, error) {
	s, err := l.attempt(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s in a container: %w", l.name, err)
	}
	return s, nil
}

func (l launch) attempt(ctx context.Context) (backend.Service, error) {
	e, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.sweep(ctx); err != nil {
		return nil, fmt.Errorf("what earlier runs left: %w", err)
	}
	if err := e.pull(ctx, l.image); err != nil {
		return nil, err
	}
	s := service{name: l.name, engine: e, start: rand.Text()}
	if s.Service, err = l.serve(ctx, s.start); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (l launch) serve(ctx context.Context, start string) (backend.Service, error) {
	// An engine goes on with what it was asked to make when nobody waits for it any
	// more: to be sure that it can be found and removed, it is waited for.
	createCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), createTime)
	defer cancel()
	c, err := l.create(createCtx, l.image, testcontainers.WithNoStart(),
		testcontainers.WithLabels(map[string]string{ownerLabel: owner.Mark(), startLabel: start}),
		testcontainers.WithHostConfigModifier(l.onLoopback), l.waiting())
	if err != nil {
		return nil, fmt.Errorf("image %q: %w", l.image, err)
	}
	readyCtx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	if err := c.Start(readyCtx); err != nil {
		return nil, fmt.Errorf("image %q: %w%s", l.image, err, lastWords(c))
	}
	url, err := l.url(readyCtx, c)
	if err != nil {
		return nil, fmt.Errorf("image %q: %w", l.image, err)
	}
	return l.open(ctx, url)
}

// waiting waits until the server says that it is ready and its port answers from
// outside: a look from inside would need a shell and more in the image.
func (l launch) waiting() testcontainers.ContainerCustomizer {
	return testcontainers.WithWaitStrategyAndDeadline(readyTime, l.ready, wait.ForListeningPort(l.port).SkipInternalCheck())
}

// onLoopback opens the server's port on loopback alone, which an engine does not
// do by itself.
func (l launch) onLoopback(host *container.HostConfig) {
	host.PortBindings = network.PortMap{
		network.MustParsePort(l.port): {{HostIP: netip.MustParseAddr(loopback)}},
	}
}
