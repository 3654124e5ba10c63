package gauge

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
)

func TestProcessReadsTheFootprintAlone(t *testing.T) {
	child := exec.Command("sh", "-c", "echo up; read line")
	_, inputErr := child.StdinPipe() // held open, so that it waits
	output, outputErr := child.StdoutPipe()
	if err := errors.Join(inputErr, outputErr, child.Start()); err != nil {
		t.Fatal(err)
	}
	end := func() {
		_ = child.Process.Kill() // it may have ended
		_ = child.Wait()
	}
	t.Cleanup(end)
	// Before it has run it is a stack, and nothing of a file.
	if _, err := io.ReadFull(output, make([]byte, len("up\n"))); err != nil {
		t.Fatal(err)
	}
	p, err := NewProcess(child.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	r, err := p.Checkpoint(t.Context())
	if err != nil || r.OffHeapBytes == nil || *r.OffHeapBytes <= 0 || *r.OffHeapBytes >= *r.RSSBytes || r.LiveHeapBytes != 0 || !r.Settled {
		t.Errorf("reading %+v, %v; want anonymous bytes as a part of the footprint, and no heap", r, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	seen := false
	if err := p.Stream(ctx, time.Millisecond, func(s harness.Sample) { seen = s.RSSBytes != nil; cancel() }); err != nil || !seen {
		t.Errorf("stream: footprint seen %t, %v; want one", seen, err)
	}
	end()
	if _, err := p.Checkpoint(t.Context()); !errors.Is(err, ErrGone) {
		t.Errorf("error %v once it has ended, want %v", err, ErrGone)
	}
}

func TestProcessMustBeReadable(t *testing.T) {
	if _, err := NewProcess(1 << 30); err == nil {
		t.Error("a process that is not there is read")
	}
	if _, err := NewProcess(os.Getpid()); err != nil {
		t.Error(err)
	}
}
