package gauge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// maxLine caps a line of a stream, in bytes; a sample is about 300.
const maxLine = 4 << 10

// Stream calls each with a sample of the target at every interval, 10 ms to
// 10 s, the first at once. AtSeconds is the time since the call. It returns nil
// when ctx ends, else why the stream did: the target went away, fell silent or
// sent something that is no sample.
func (g *Gauge) Stream(ctx context.Context, interval time.Duration, each func(harness.Sample)) error {
	endpoint := "stream?interval=" + interval.String()
	err := g.follow(ctx, endpoint, interval+g.timeout(), each)
	if ctx.Err() != nil {
		return nil
	}
	return g.failure(http.MethodGet, endpoint, err)
}

// follow reads a stream until it ends, and says why it did.
func (g *Gauge) follow(ctx context.Context, endpoint string, patience time.Duration, each func(harness.Sample)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(patience, func() { cancel(silence(patience)) })
	defer silent.Stop()

	began := time.Now()
	response, err := open(ctx, g.streaming, http.MethodGet, g.url(endpoint))
	if err != nil {
		return because(ctx, err)
	}
	defer response.Body.Close()
	lines := bufio.NewReaderSize(response.Body, maxLine)
	for {
		silent.Reset(patience)
		line, err := lines.ReadSlice('\n')
		silent.Stop() // the time that the caller takes is not the target's silence
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("line is longer than %d bytes: %s", maxLine, excerpt(line))
		case errors.Is(err, io.EOF):
			return fmt.Errorf("target ended the stream: %w", io.ErrUnexpectedEOF)
		case err != nil:
			return because(ctx, err)
		}
		sample, err := g.sample(line)
		if err != nil {
			return err
		}
		sample.AtSeconds = time.Since(began).Seconds()
		each(sample)
	}
}
