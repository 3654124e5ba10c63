package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend/containers"
	"github.com/moby/moby/client"
)

const inContainers = "run ./pair.yaml --backend containers"

// No engine, or no image: the run ends at once, and says what needs neither.
func TestContainersUnavailable(t *testing.T) {
	s := newShell(t)
	s.run(inContainers+" --no-self-test --out out --set backends.redis_image=127.0.0.1:1/none:1 --set backends.sql_image=127.0.0.1:1/none:1").
		want(harness.ExitNotRun, containers.ErrUnavailable.Error(), "hint: leaklab run --backend embedded")
	s.wantNoTemp()
}

func TestContainersAreGoneAfterARun(t *testing.T) {
	skipSlow(t)
	e := needEngine(t)
	t.Run("success", func(t *testing.T) {
		s := newShell(t)
		c := s.start(inContainers + " --no-self-test --out out --set variants.leaky.expect=leak")
		c.wait().want(harness.ExitPass, "Redis and SQL containers")
		if bytes := s.record("out").Variants[0].RedisBytes; bytes == nil || *bytes < 1000 {
			t.Errorf("in Redis: %v bytes, want the cached list", bytes)
		}
		e.wantNoContainer(c)
	})
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			c := newShell(t).start(inContainers + endless)
			c.await("segment 1 of")
			if err := c.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			c.wait().want(harness.ExitInconclusive, "INCONCLUSIVE: the run was interrupted")
			e.wantNoContainer(c)
		})
	}
	t.Run("killed, then the next run", func(t *testing.T) {
		s := newShell(t)
		c := s.start(inContainers + endless)
		c.await("segment 1 of")
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-c.done
		s.run(inContainers + " --out next" + timeUp).want(harness.ExitInconclusive)
		e.wantNoContainer(c)
	})
}

// engine is the machine's container engine.
type engine struct{ *client.Client }

// needEngine is the engine, which has the images already: a pull takes too long
// for a test.
func needEngine(t *testing.T) engine {
	t.Helper()
	c, err := client.New(client.FromEnv)
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range []string{harness.RedisImage, harness.SQLImage} {
		if err == nil {
			_, err = c.ImageInspect(t.Context(), image)
		}
	}
	if err != nil && os.Getenv("LEAKLAB_NO_SKIP") == "1" {
		t.Fatalf("LEAKLAB_NO_SKIP=1 forbids to skip: %v", err)
	}
	if err != nil {
		t.Skipf("no container is started: %v; ci/engine.sh brings an engine and images", err)
	}
	t.Cleanup(func() { c.Close() })
	return engine{c}
}

// wantNoContainer fails the test when a command, which has ended, has left a
// container.
func (e engine) wantNoContainer(c *command) {
	c.Helper()
	all, err := e.ContainerList(c.Context(), client.ContainerListOptions{All: true})
	if err != nil {
		c.Fatal(err)
	}
	for _, container := range all.Items {
		if strings.HasPrefix(container.Labels["io.github.leaklab.owner"], fmt.Sprintf("%d.", c.cmd.Process.Pid)) {
			c.Errorf("leaklab %s left a container of %s", c.line, container.Image)
		}
	}
}
