package containers

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go"

	"github.com/leaklab/leaklab/harness/backend"
)

const (
	// removeTime bounds the removal of a container, which kills its server.
	removeTime = 10 * time.Second
	// maxLogBytes is how much of a server's log is read to find its last line.
	maxLogBytes = 64 << 10
)

// service is what a run sees of a server, and the container that it is in.
type service struct {
	backend.Service
	name   string
	engine engine
	start  string // labels the container
}

// Close removes the container, and the data with it.
func (s service) Close() error {
	// Its connections are closed; that it could not empty a server which goes away
	// is no matter.
	_ = s.Service.Close()
	if err := s.remove(); err != nil {
		return fmt.Errorf("%s in a container: %w", s.name, err)
	}
	return nil
}

func (s service) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTime)
	defer cancel()
	if err := s.engine.removeStart(ctx, s.start); err != nil {
		return fmt.Errorf("%w; the next run with containers removes what is left", err)
	}
	return nil
}

// lastWords is the last line that a server wrote before it failed, for an error;
// empty where there is none.
func lastWords(c testcontainers.Container) string {
	ctx, cancel := context.WithTimeout(context.Background(), engineTime)
	defer cancel()
	log, err := c.Logs(ctx)
	if err != nil {
		return ""
	}
	defer log.Close()
	text, _ := io.ReadAll(io.LimitReader(log, maxLogBytes))
	last := strings.TrimSpace(string(text))
	last = last[strings.LastIndexByte(last, '\n')+1:]
	if last == "" {
		return ""
	}
	return fmt.Sprintf("; its log ends: %s", last)
}
