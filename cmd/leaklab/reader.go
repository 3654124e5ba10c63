package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// errNoReader is of output that nobody reads any more.
var errNoReader = errors.New("nobody reads the output")

// watched is standard output or standard error, which interrupts the command once
// nobody reads it. Only what may lose its reader is wrapped, a pipe or a socket: a
// terminal or a file stays an [*os.File].
func watched(f *os.File, interrupt context.CancelCauseFunc) io.Writer {
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return f
	}
	return readBySomeone{f, interrupt}
}

// readBySomeone is a pipe or a socket to another process. Its error once that reads
// no more is [errNoReader]: the same error number is also that of a connection.
type readBySomeone struct {
	io.Writer
	interrupt context.CancelCauseFunc
}

func (r readBySomeone) Write(p []byte) (int, error) {
	n, err := r.Writer.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		r.interrupt(fmt.Errorf("interrupted (%w): %w", errNoReader, context.Canceled))
		err = fmt.Errorf("%w: %w", errNoReader, err)
	}
	return n, err
}
