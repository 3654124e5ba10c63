package target

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	maxConfigBytes = 1 << 20
	// drainTimeout bounds the wait for requests under way when a target ends,
	// shutdownTimeout all of its ending: after it the process exits regardless.
	drainTimeout    = time.Second
	shutdownTimeout = 2 * time.Second
	// headerTimeout bounds the reading of a request's header. There is no limit
	// for idle connections: they stay open from one segment to the next.
	headerTimeout = 10 * time.Second
)

// Options is what a target serves.
type Options struct {
	// Stdin holds the configuration and is the lifeline, Stdout takes the
	// announcement: the process's own, outside tests.
	Stdin  io.Reader
	Stdout io.Writer
	// New makes the service under test of its configuration, a JSON value. ctx is
	// the service's: it ends when the target does. closer, which may be nil,
	// releases what the service holds once no request is under way.
	New func(ctx context.Context, config json.RawMessage) (app http.Handler, closer func() error, err error)
	// Probe reads the target's memory. It is served at /debug/leaklab/, on a
	// listener of its own.
	Probe http.Handler
}

// Serve makes the process a target. It reads the configuration, serves the
// application and the probe, says where, and returns when ctx ends, on SIGTERM,
// or when standard input closes. From then on the process lives 2 s at most:
// what hangs ends with it. SIGINT is ignored; it is the lab's to answer. The
// process is expected to exit when Serve returns, and SIGTERM is without effect
// by then.
func Serve(ctx context.Context, o Options) (err error) {
	signal.Ignore(os.Interrupt)
	// Never undone: the lifeline may have ended all when the lab's SIGTERM comes,
	// which must not turn an orderly exit into a death by signal.
	ctx, _ = signal.NotifyContext(ctx, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer exitInTime(ctx)()

	config, err := readConfig(o.Stdin)
	if err != nil {
		return fmt.Errorf("target: config on standard input: %w", err)
	}
	go func() { // ends with the process: a read of standard input cannot be interrupted
		_, _ = io.Copy(io.Discard, o.Stdin)
		cancel()
	}()

	app, closer, err := o.New(ctx, config)
	if err != nil {
		return fmt.Errorf("target: service: %w", err)
	}
	if closer != nil {
		defer func() {
			cancel()
			err = errors.Join(err, closer())
		}()
	}
	probe := http.NewServeMux()
	probe.Handle("/debug/leaklab/", o.Probe)
	return serve(ctx, cancel, o.Stdout, app, probe)
}

// serve serves both handlers until ctx ends or one of the servers does.
func serve(ctx context.Context, cancel context.CancelFunc, stdout io.Writer, app, probe http.Handler) error {
	appListener, err := listen()
	if err != nil {
		return err
	}
	defer appListener.Close()
	probeListener, err := listen()
	if err != nil {
		return err
	}
	defer probeListener.Close()

	appServer := &http.Server{Handler: app, ReadHeaderTimeout: headerTimeout}
	probeServer := &http.Server{Handler: probe, ReadHeaderTimeout: headerTimeout}
	ended := make(chan error, 2)
	go func() { ended <- appServer.Serve(appListener); cancel() }()
	go func() { ended <- probeServer.Serve(probeListener); cancel() }()
	_, err = fmt.Fprintln(stdout, addresses{app: addrPort(appListener), probe: addrPort(probeListener)})
	if err != nil {
		err = fmt.Errorf("target: announcement: %w", err)
		cancel()
	}
	<-ctx.Done()
	err = errors.Join(err, shut(appServer), probeServer.Close())
	for range cap(ended) {
		if serveErr := <-ended; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, fmt.Errorf("target: serve: %w", serveErr))
		}
	}
	return err
}

// shut waits for the requests under way, then closes what is left.
func shut(s *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if s.Shutdown(ctx) == nil {
		return nil
	}
	return s.Close()
}

// exitInTime exits the process when ctx has ended and the returned function was
// not called within the shutdown's time.
func exitInTime(ctx context.Context) (finished func()) {
	done := make(chan struct{})
	context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(shutdownTimeout):
			fmt.Fprintf(os.Stderr, "target: shutdown took more than %s\n", shutdownTimeout)
			os.Exit(1)
		}
	})
	return func() { close(done) }
}

// readConfig reads the first line, a JSON value. Its errors hold nothing of it.
// It may read on beyond the line: what follows has no meaning.
func readConfig(r io.Reader) (json.RawMessage, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxConfigBytes)).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("%d bytes without an end of line, want one line of at most %d KiB: %w", len(line), maxConfigBytes>>10, err)
	}
	if !json.Valid(line) {
		return nil, fmt.Errorf("line of %d bytes is not JSON", len(line))
	}
	return bytes.TrimSpace(line), nil
}

func listen() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	return l, nil
}

func addrPort(l net.Listener) netip.AddrPort { return l.Addr().(*net.TCPAddr).AddrPort() }
