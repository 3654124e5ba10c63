package gauge

import (
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"
	"testing"
	"time"
)

func TestFootprintSeesMemoryOutsideTheHeap(t *testing.T) {
	const size = 128 << 20
	debug.FreeOSMemory() // what the runtime would give back meanwhile, it gives now
	before := FootprintOf(os.Getpid())
	if before.RSSBytes == nil || before.PSSBytes == nil || before.AnonymousBytes == nil {
		t.Fatalf("footprint of this process = %+v, want all of it", before)
	}
	block, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(block)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	after := FootprintOf(os.Getpid())
	for _, figure := range []struct {
		name          string
		before, after *int64
	}{
		{"RSS", before.RSSBytes, after.RSSBytes},
		{"PSS", before.PSSBytes, after.PSSBytes},
		{"anonymous", before.AnonymousBytes, after.AnonymousBytes},
	} {
		// Other tests of this process may have come to rest meanwhile: tens of MiB.
		if grown := *figure.after - *figure.before; grown < size*3/4 || grown > size*3/2 {
			t.Errorf("%s grew by %d, want about the %d that were touched", figure.name, grown, size)
		}
	}
	if *after.PSSBytes > *after.RSSBytes || *after.AnonymousBytes > *after.RSSBytes {
		t.Errorf("PSS %d, anonymous %d; want at most RSS %d", *after.PSSBytes, *after.AnonymousBytes, *after.RSSBytes)
	}
	cheap := ResidentBytes(os.Getpid())
	if cheap == nil || max(*cheap-*after.RSSBytes, *after.RSSBytes-*cheap) > 8<<20 {
		t.Errorf("cheap RSS = %v, want about %d", cheap, *after.RSSBytes)
	}
}

func TestNoProcessHasNoFootprint(t *testing.T) {
	for _, pid := range []int{0, -1, 1 << 30} {
		if f := FootprintOf(pid); f != (Footprint{}) {
			t.Errorf("footprint of %d = %+v, want none", pid, f)
		}
		if rss := ResidentBytes(pid); rss != nil {
			t.Errorf("RSS of %d = %d, want none", pid, *rss)
		}
	}
}

func TestAZombieHasNoFootprint(t *testing.T) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childMode+"=exit")
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	// The kernel closes a process's files after its memory is gone or right
	// before: soon.
	if _, err := io.Copy(io.Discard, output); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(testLimit); ; time.Sleep(time.Millisecond) {
		f, rss := FootprintOf(child.Process.Pid), ResidentBytes(child.Process.Pid)
		if f == (Footprint{}) && rss == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("footprint of a process that has ended = %+v, RSS %v; want none", f, rss)
		}
	}
}
