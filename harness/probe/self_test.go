package probe

import (
	"context"
	"errors"
	"testing"
)

// TestSelfReadsWhatStays keeps a block between two checkpoints.
func TestSelfReadsWhatStays(t *testing.T) {
	const size = 1 << 20
	self := NewSelf()
	self.Prewarm()
	before, err := self.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := make([]byte, size)
	after, err := self.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if grown := after.LiveHeapBytes - before.LiveHeapBytes; grown < size*9/10 || grown > size*11/10 {
		t.Errorf("the live heap grew by %d bytes, want about the %d that were kept", grown, size)
	}
	if !after.Settled || after.GCCycles < before.GCCycles+2 {
		t.Errorf("settled %t after %d collections, want a process at rest after 2 or more", after.Settled, after.GCCycles-before.GCCycles)
	}
	kept[0] = 1
}

func TestSelfEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewSelf().Checkpoint(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
