package gauge

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/leaklab/leaklab/harness/probe"
)

// childMode names, in the environment of a child, what it is: "retain" keeps a
// 64-byte node for each request, "clean" keeps nothing, "exit" ends at once.
const childMode = "LEAKLAB_GAUGE_CHILD"

func TestMain(m *testing.M) {
	switch mode := os.Getenv(childMode); mode {
	case "":
		os.Exit(m.Run())
	case "retain", "clean":
		serveChild(mode)
	}
}

type node struct {
	next *node
	_    [56]byte
}

// serveChild is a target until its standard input ends.
func serveChild(mode string) {
	var (
		mu   sync.Mutex
		list *node
	)
	mux := http.NewServeMux()
	mux.Handle(probe.Path, probe.Handler())
	mux.HandleFunc("/work", func(w http.ResponseWriter, _ *http.Request) {
		n := new(node)
		mu.Lock()
		defer mu.Unlock()
		if n.next = list; mode == "retain" {
			list = n
		}
		fmt.Fprintln(w, "done")
	})
	server := httptest.NewServer(mux)
	fmt.Println(server.URL)
	io.Copy(io.Discard, os.Stdin)
}

// startChild starts a target and returns its address and the gauge for it.
func startChild(t *testing.T, mode string) (string, *Gauge) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childMode+"="+mode)
	child.Stderr = os.Stderr
	lifeline, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		lifeline.Close()
		child.Wait()
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	g := New(address, child.Process.Pid)
	t.Cleanup(g.Close)
	return address, g
}

// growth is the growth of live objects and bytes per request, the medians over
// segments of 100 requests.
func growth(t *testing.T, mode string) (objects, bytes float64) {
	t.Helper()
	const segments, requests, workers = 7, 100, 4
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	address, g := startChild(t, mode)
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers}}
	defer client.CloseIdleConnections()
	load := func(n int) {
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for range n / workers {
					response, err := client.Get(address + "/work")
					if err != nil {
						t.Error(err)
						return
					}
					io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			})
		}
		group.Wait()
	}
	checkpoint := func() Reading {
		r, err := g.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if err := g.Prewarm(ctx); err != nil {
		t.Fatal(err)
	}
	load(300)
	checkpoint() // fills caches: discarded
	before := checkpoint()
	var objectSteps, byteSteps []float64
	for range segments {
		load(requests)
		after := checkpoint()
		objectSteps = append(objectSteps, float64(after.LiveObjects-before.LiveObjects)/requests)
		byteSteps = append(byteSteps, float64(after.LiveHeapBytes-before.LiveHeapBytes)/requests)
		if lapse := after.ArrivalAllocBytes - before.TotalAllocBytes; lapse < 64*requests {
			t.Errorf("%s: allocated under load = %d, want at least a node for each of %d requests", mode, lapse, requests)
		}
		before = after
	}
	t.Logf("%s: objects a request %v, bytes a request %v", mode, objectSteps, byteSteps)
	slices.Sort(objectSteps)
	slices.Sort(byteSteps)
	return objectSteps[segments/2], byteSteps[segments/2]
}

func TestARetainedNodeReadsAsOneObject(t *testing.T) {
	if objects, bytes := growth(t, "retain"); objects < 0.9 || objects > 1.1 || bytes < 58 || bytes > 70 {
		t.Errorf("growth = %.2f objects and %.1f bytes a request, want 1 and 64", objects, bytes)
	}
}

func TestACleanTargetReadsAsNoGrowth(t *testing.T) {
	if objects, bytes := growth(t, "clean"); objects < -0.1 || objects > 0.1 || bytes < -8 || bytes > 8 {
		t.Errorf("growth = %.2f objects and %.1f bytes a request, want none", objects, bytes)
	}
}
