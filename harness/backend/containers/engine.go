package containers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrUnavailable is that containers cannot be started on this machine: there is
// no engine, or an image is missing and cannot be pulled. The embedded backends
// need neither.
var ErrUnavailable = errors.New("containers are not available")

// engineTime is how long a container engine may take to answer: a live one takes
// milliseconds, and a longer wait would look like a hang.
const engineTime = 5 * time.Second

// engine is the container engine of this machine.
type engine struct{ client.APIClient }

// connect finds the engine where testcontainers does: DOCKER_HOST, the context of
// the docker command, the usual sockets.
func connect(ctx context.Context) (engine, error) {
	type answer struct {
		provider *testcontainers.DockerProvider
		err      error
	}
	answers := make(chan answer, 1)
	go func() { // it takes no context: one that hangs ends with the process
		configure.Do(configureTestcontainers)
		provider, err := testcontainers.NewDockerProvider()
		answers <- answer{provider, err}
	}()
	timer := time.NewTimer(engineTime)
	defer timer.Stop()
	select {
	case a := <-answers:
		if a.err != nil {
			return engine{}, fmt.Errorf("%w: no engine answers: %w", ErrUnavailable, a.err)
		}
		return local(engine{a.provider.Client()})
	case <-timer.C:
		return engine{}, fmt.Errorf("%w: no engine answers within %s", ErrUnavailable, engineTime)
	case <-ctx.Done():
		return engine{}, context.Cause(ctx)
	}
}

// local refuses an engine of another machine: the ports of its containers are
// open on that one's loopback, where the targets cannot reach them.
func local(e engine) (engine, error) {
	at, err := url.Parse(e.DaemonHost())
	if err != nil {
		return engine{}, fmt.Errorf("%w: address of the engine: %w", ErrUnavailable, err)
	}
	host := at.Hostname()
	if ip := net.ParseIP(host); host == "" || host == "localhost" || ip != nil && ip.IsLoopback() {
		return e, nil
	}
	return engine{}, fmt.Errorf("%w: the engine is at %s, want one of this machine: a container's port is open on loopback alone", ErrUnavailable, host)
}

// loopback is where the containers' ports are open.
const loopback = "127.0.0.1"

var configure sync.Once

// configureTestcontainers sets what testcontainers reads once for the whole
// program. It would log to standard error, in the middle of the progress, and in
// a container it would look for ports at the gateway rather than on loopback.
func configureTestcontainers() {
	log.SetDefault(log.NewNoopLogger())
	os.Setenv("TESTCONTAINERS_HOST_OVERRIDE", loopback)
	if _, chosen := os.LookupEnv(ryukDisabled); !chosen && !ryukPresent() {
		os.Setenv(ryukDisabled, "true")
	}
}
