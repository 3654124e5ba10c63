package containers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/redis/go-redis/v9"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/owner"
)

var variants = []string{"leaky", "bloom"}

// needEngine is the engine with the images of the tests.
func needEngine(t *testing.T) engine {
	t.Helper()
	if testing.Short() {
		t.Skip("slow, and -short is set")
	}
	e, err := connect(t.Context())
	for _, image := range []string{harness.RedisImage, harness.SQLImage} {
		if err == nil {
			_, err = e.ImageInspect(t.Context(), image)
		}
	}
	if err != nil && os.Getenv("LEAKLAB_NO_SKIP") == "1" {
		t.Fatalf("LEAKLAB_NO_SKIP=1 forbids to skip: %v", err)
	}
	if err != nil {
		t.Skipf("no container is started: %v; ci/engine.sh brings an engine and images", err)
	}
	return e
}

// ours are the containers of this process.
func (e engine) ours(t *testing.T) []container.Summary {
	t.Helper()
	label := client.Filters{}.Add("label", ownerLabel+"="+owner.Mark())
	found, err := e.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: label})
	if err != nil {
		t.Fatal(err)
	}
	return found.Items
}

// TestBackendsOfARun starts both as a run does, and looks at what is left.
func TestBackendsOfARun(t *testing.T) {
	e := needEngine(t)
	began := time.Now()
	set, err := backend.Start(t.Context(), backend.Sources{Redis: Redis{}, SQL: SQL{}}, backend.Needs{Redis: true, SQL: true}, variants)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %.1f s", time.Since(began).Seconds())
	defer set.Close()

	started := e.ours(t)
	if len(started) != 2 {
		t.Errorf("%d containers, want one of Redis and one of Postgres", len(started))
	}
	for _, c := range started {
		for _, port := range c.Ports {
			if port.PublicPort != 0 && port.IP != netip.MustParseAddr(loopback) {
				t.Errorf("port %d of %s is open on %s, want loopback alone", port.PublicPort, c.Image, port.IP)
			}
		}
	}
	leaky, bloom := set.Endpoints("leaky"), set.Endpoints("bloom")
	if leaky.RedisURL == bloom.RedisURL || leaky.DatabaseURL != bloom.DatabaseURL {
		t.Errorf("two variants have %s and %s: want databases of their own in Redis, and one schema",
			backend.Redact(leaky.RedisURL), backend.Redact(bloom.RedisURL))
	}
	set1000Bytes(t, leaky.RedisURL)
	for variant, least := range map[string]int64{"leaky": 1000, "bloom": 0} {
		bytes, err := set.RedisBytes(t.Context(), variant)
		if err != nil || bytes == nil || *bytes < least || *bytes > least+200 {
			t.Errorf("RedisBytes of %s = %v, %v, want about %d", variant, bytes, err, least)
		}
	}
	if err := set.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if left := e.ours(t); len(left) > 0 {
		t.Errorf("%d containers are left", len(left))
	}
	for _, c := range started {
		for _, m := range c.Mounts {
			if _, err := e.VolumeInspect(t.Context(), m.Name, client.VolumeInspectOptions{}); err == nil {
				t.Errorf("the volume at %s of %s is left", m.Destination, c.Image)
			}
		}
	}
}

func set1000Bytes(t *testing.T, url string) {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	defer c.Close()
	if err := c.Set(t.Context(), "key", strings.Repeat("x", 1000), 0).Err(); err != nil {
		t.Fatal(err)
	}
}

// TestInterruptedStartLeavesNothing ends a start as soon as its container is
// there.
func TestInterruptedStartLeavesNothing(t *testing.T) {
	e := needEngine(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for deadline := time.Now().Add(createTime); time.Now().Before(deadline) && t.Context().Err() == nil; time.Sleep(5 * time.Millisecond) {
			found, err := e.ContainerList(t.Context(), client.ContainerListOptions{All: true})
			here := func(c container.Summary) bool { return c.Labels[ownerLabel] == owner.Mark() }
			if err == nil && slices.ContainsFunc(found.Items, here) {
				cancel(interrupted)
				return
			}
		}
	}()
	service, err := SQL{}.Start(ctx, variants)
	<-done
	if err == nil {
		t.Fatal("started all the same: ", service.Close())
	}
	if left := e.ours(t); len(left) > 0 || ctx.Err() == nil {
		t.Errorf("%d containers are left of a start that failed: %v", len(left), err)
	}
}

// TestSweep removes what a killed run has left, and nothing of one that runs.
func TestSweep(t *testing.T) {
	e := needEngine(t)
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	create := func(mark string) string {
		made, err := e.ContainerCreate(t.Context(), client.ContainerCreateOptions{
			Config: &container.Config{Image: harness.RedisImage, Labels: map[string]string{ownerLabel: mark}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = e.ContainerRemove(context.Background(), made.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		})
		return made.ID
	}
	dead := create(fmt.Sprintf("%d.17@%s", child.Process.Pid, host))
	live := create(owner.Mark())
	elsewhere := create("1@another-" + host)
	if err := e.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{dead: false, live: true, elsewhere: true} {
		if _, err := e.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{}); (err == nil) != want {
			t.Errorf("dead, live, elsewhere = %.6s, %.6s, %.6s: %.6s: there = %t, want %t", dead, live, elsewhere, id, err == nil, want)
		}
	}
}

// TestImageThatIsNoServer tells why, and leaves nothing.
func TestImageThatIsNoServer(t *testing.T) {
	e := needEngine(t)
	_, err := Redis{Image: harness.SQLImage}.Start(t.Context(), variants)
	for _, want := range []string{"redis in a container: ", harness.SQLImage, "its log ends: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if left := e.ours(t); len(left) > 0 {
		t.Errorf("%d containers are left", len(left))
	}
}

func TestEngineElsewhereIsRefused(t *testing.T) {
	for address, ok := range map[string]bool{
		"unix:///var/run/docker.sock": true, "npipe:////./pipe/docker_engine": true, "tcp://127.0.0.1:2375": true, "tcp://[::1]:2375": true,
		"tcp://localhost:2375": true, "tcp://192.0.2.1:2375": false, "tcp://build.example:2376": false,
	} {
		_, err := local(engine{fixed(address)})
		if (err == nil) != ok {
			t.Errorf("engine at %s: %v, want it accepted: %t", address, err, ok)
		}
		if err != nil && !errors.Is(err, ErrUnavailable) {
			t.Errorf("engine at %s: %v, want %v", address, err, ErrUnavailable)
		}
	}
}

// fixed is the client of an engine at an address.
func fixed(address string) client.APIClient { return fixedHost{address: address} }

type fixedHost struct {
	client.APIClient
	address string
}

func (f fixedHost) DaemonHost() string { return f.address }

// TestSilentEngine does not wait for an engine that accepts and says nothing.
func TestSilentEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for 5 s: not with -short")
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if os.Getenv(silentEnv) == "" { // the address is read once for a process
		child := exec.Command(os.Args[0], "-test.run=^TestSilentEngine$")
		child.Env = append(os.Environ(), silentEnv+"=1", "DOCKER_HOST=tcp://"+silent.Addr().String())
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	began := time.Now()
	_, err = connect(t.Context())
	if took := time.Since(began); !errors.Is(err, ErrUnavailable) || took > 2*engineTime {
		t.Errorf("%v after %s, want %v within %s", err, took, ErrUnavailable, 2*engineTime)
	}
}

const silentEnv = "LEAKLAB_CONTAINERS_TEST_SILENT"
