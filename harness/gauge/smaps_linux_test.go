package gauge

import (
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

const someMappings = `00400000-004ad000 r-xp 00000000 fe:00 10362939                           /srv/app
Rss:                 692 kB
Pss:                 692 kB
Anonymous:             0 kB
0059d000-005d3000 rw-p 00000000 00:00 0 
Rss:                  68 kB
Pss:                  68 kB
Anonymous:            68 kB
01c3d000-01c5e000 rw-p 00000000 00:00 0                                  [heap]
Rss:                 132 kB
Pss:                 132 kB
Anonymous:           132 kB
332c3cc00000-332c3d000000 rw-p 00000000 00:00 0 
Rss:                 432 kB
Pss:                 432 kB
Anonymous:           432 kB
VmFlags: rd wr mr mw me ac sd
332c3d000000-332c40000000 ---p 00000000 00:00 0 
Rss:                   0 kB
Pss:                   0 kB
Anonymous:             0 kB
7fb60bf00000-7fb60c100000 rw-p 00000000 00:00 0 
Rss:                  36 kB
Pss:                  36 kB
Anonymous:            36 kB
7ffc197f7000-7ffc19818000 rw-p 00000000 00:00 0                          [stack]
Rss:                   8 kB
Pss:                   8 kB
Anonymous:             8 kB
`

func TestMappingsAddUp(t *testing.T) {
	const named = "7fb60c100000-7fb60c200000 rw-p 00000000 00:00 0   [anon: Go: heap]\nAnonymous: 40 kB\n"
	for name, test := range map[string]struct {
		text string
		end  uint64
		heap int64 // 0 is nil
	}{
		"arenas by their address": {someMappings, 1 << 46, 432 << 10},
		"arenas by their name":    {someMappings + named, 1 << 46, 472 << 10},
		"an unknown architecture": {someMappings, 0, 0},
		"a short address space":   {strings.ReplaceAll(someMappings, "7ffc197f7000", "007fa97f7000"), 1 << 46, 0},
	} {
		f, err := parseSmaps(strings.NewReader(test.text), test.end)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if heap := f.GoHeapBytes; (heap == nil) != (test.heap == 0) || heap != nil && *heap != test.heap {
			t.Errorf("%s: heap %v, want %d", name, heap, test.heap)
		}
		if *f.RSSBytes != 1368<<10 || *f.PSSBytes != 1368<<10 || *f.AnonymousBytes < 676<<10 {
			t.Errorf("%s: RSS %d, PSS %d, anonymous %d", name, *f.RSSBytes, *f.PSSBytes, *f.AnonymousBytes)
		}
	}
	for _, text := range []string{"", "Rss: much kB", "Rss: 5", "zz-yy rw-p 0 0 0", "1-2 r-xp 0 0 0\nRss: 99999999999999999 kB"} {
		if f, err := parseSmaps(strings.NewReader(text), 1<<46); err == nil {
			t.Errorf("%q: %+v, want an error", text, f)
		}
	}
}

func FuzzSmaps(f *testing.F) {
	f.Add(someMappings)
	f.Add("1-2")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := parseSmaps(strings.NewReader(text), 1<<46); err == nil && got.GoHeapBytes != nil && *got.GoHeapBytes > *got.AnonymousBytes {
			t.Errorf("a heap of %d in %d anonymous bytes", *got.GoHeapBytes, *got.AnonymousBytes)
		}
	})
}

// Memory that a program maps is outside the heap, memory that it allocates within.
func TestThisProcessHasAHeap(t *testing.T) {
	if goHeapEnd == 0 {
		t.Logf("no address of the heap is known on %s", runtime.GOARCH)
		return
	}
	const size = 64 << 20
	read := func() Footprint {
		f := FootprintOf(os.Getpid())
		if f.GoHeapBytes == nil {
			t.Fatal("no heap found")
		}
		return f
	}
	before := read()
	block, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(block)
	touch(block)
	mapped := read()
	allocated := make([]byte, size)
	touch(allocated)
	after := read()
	runtime.KeepAlive(allocated)
	offHeap := func(f Footprint) int64 { return *f.offHeap(0, 0) }
	if grown := offHeap(mapped) - offHeap(before); grown < size*3/4 || grown > size*5/4 {
		t.Errorf("mapping %d bytes moved off-heap memory by %d", size, grown)
	}
	if grown := offHeap(after) - offHeap(mapped); grown > size/4 {
		t.Errorf("allocating %d bytes moved off-heap memory by %d", size, grown)
	}
	if grown := *after.GoHeapBytes - *mapped.GoHeapBytes; grown < size/2 {
		t.Errorf("allocating %d bytes moved the heap by %d", size, grown)
	}
}

func touch(block []byte) {
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
}
