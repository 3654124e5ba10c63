//go:build unix

package lab_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/lab"
	"github.com/leaklab/leaklab/harness/probe"
	"github.com/leaklab/leaklab/harness/target"
	"github.com/leaklab/leaklab/harness/target/limit"
)

// TestMain makes the test binary a target where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "target" {
		err := target.Serve(context.Background(), target.Options{
			Stdin: os.Stdin, Stdout: os.Stdout, New: newService, Probe: probe.Handler(),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// service is a small service that misbehaves in the way its name says.
type service struct {
	behaviour string
	requests  atomic.Int64
	mu        sync.Mutex
	kept      *node
	blocks    [][]byte
	peers     map[string][]byte
}

// node is 56 B, and 64 B in its size class.
type node struct {
	next *node
	_    [6]int64
}

func newService(_ context.Context, config json.RawMessage) (http.Handler, func() error, error) {
	s := &service{}
	if err := json.Unmarshal(config, &s.behaviour); err != nil {
		return nil, nil, err
	}
	return s, nil, nil
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.requests.Add(1)
	switch s.behaviour {
	case "leaks":
		s.mu.Lock()
		s.kept = &node{next: s.kept}
		s.mu.Unlock()
	case "remembers peers": // by address and port, as a limiter does that forgets nobody
		s.mu.Lock()
		if s.peers == nil {
			s.peers = map[string][]byte{}
		}
		if s.peers[r.RemoteAddr] == nil {
			s.peers[r.RemoteAddr] = make([]byte, 4<<10)
		}
		s.mu.Unlock()
	case "crashes":
		if n == 300 {
			fmt.Fprintln(os.Stderr, "the disk of the test is on fire")
			os.Exit(7)
		}
	case "stops": // the whole process, as a paused container does
		if n == 300 {
			syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	case "piles up":
		s.keep(64 << 10)
	case "grows": // far past any ceiling of a test
		s.keep(4 << 20)
	case "fails":
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "ok")
}

// keep keeps a block of so many bytes, each of them resident.
func (s *service) keep(bytes int) {
	block := make([]byte, bytes)
	for i := range block {
		block[i] = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocks = append(s.blocks, block)
}

// pileLimit is the memory limit of what piles up: some 1 000 requests.
const pileLimit = 80 * harness.MiB

// targets starts the test binary as the target of each variant.
type targets struct{}

type process struct {
	*target.Process
	gauge *gauge.Gauge
}

func (p process) URL() string      { return "http://" + p.App() }
func (p process) Gauge() lab.Gauge { return p.gauge }

func (targets) Start(ctx context.Context, v harness.Variant, _ backend.Endpoints) (lab.Target, error) {
	config, err := json.Marshal(v.Handler)
	if err != nil {
		return nil, err
	}
	command := target.Command{Name: v.Name, Path: os.Args[0], Args: []string{"target"}, Config: config}
	if v.Handler == "piles up" {
		command.Limit = limit.New(pileLimit)
	}
	p, err := target.Start(ctx, command)
	if err != nil {
		return nil, err
	}
	return process{Process: p, gauge: gauge.New("http://"+p.Probe(), p.Pid())}, nil
}

// stream asks for the same page again and again.
type stream struct{}

func (stream) Request(int) harness.Request {
	return harness.Request{Method: http.MethodGet, Path: "/"}
}

func (stream) Check(_, status int, body []byte) harness.Answer {
	if status == http.StatusOK && string(body) == "ok" {
		return harness.Right
	}
	return harness.Wrong
}
