package gauge

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// goHeapEnd is the address below which Go's runtime reserves its heap arenas, by
// architecture: the hints of runtime.mallocinit stay within 46 bits on amd64 and
// within 47 on arm64, with a random base (Go 1.26) as without. The kernel puts
// what a program maps without a wish, its libraries and its stack above that.
var goHeapEnd = map[string]uint64{"amd64": 1 << 46, "arm64": 1 << 47}[runtime.GOARCH]

// goHeapStart is above programs that are not relocated, and what the kernel puts
// next to them.
const goHeapStart = 1 << 36

// maxSmaps bounds what is read of a process's mappings: some 15 000 of them.
const maxSmaps = 16 << 20

// errNoSmaps says that a process's mappings do not add up to a footprint.
var errNoSmaps = errors.New("no mappings")

// mapped is the footprint of a process by its mappings.
func mapped(pid int) (Footprint, error) {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/smaps")
	if err != nil {
		return Footprint{}, err
	}
	defer file.Close()
	return parseSmaps(io.LimitReader(file, maxSmaps), goHeapEnd)
}

// parseSmaps adds up the mappings of /proc/PID/smaps. Those that are anonymous and
// lie where Go's runtime reserves its arenas, below heapEnd, are its heap: nil
// where there is none, or where the stack lies there as well.
func parseSmaps(r io.Reader, heapEnd uint64) (Footprint, error) {
	var rss, pss, anonymous, heap int64
	var isHeap, low bool
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, rest, _ := strings.Cut(lines.Text(), " ")
		if name, found := strings.CutSuffix(key, ":"); found {
			sum := map[string]*int64{"Rss": &rss, "Pss": &pss, "Anonymous": &anonymous}[name]
			if sum == nil {
				continue
			}
			bytes, err := kilobytes(rest)
			if err != nil {
				return Footprint{}, fmt.Errorf("smaps: %s of %.40q: %w", name, rest, err)
			}
			*sum += bytes
			if isHeap && name == "Anonymous" {
				heap += bytes
			}
			continue
		}
		start, _, _ := strings.Cut(key, "-")
		address, err := strconv.ParseUint(start, 16, 64)
		if err != nil {
			return Footprint{}, fmt.Errorf("smaps: mapping %.40q: %w", key, err)
		}
		fields := strings.Fields(rest) // permissions, offset, device, inode and, of some, a name
		isHeap = len(fields) == 4 && strings.HasSuffix(fields[0], "p") && goHeapStart <= address && address < heapEnd ||
			len(fields) > 4 && strings.HasPrefix(strings.Join(fields[4:], " "), "[anon: Go: heap")
		low = low || len(fields) > 4 && fields[4] == "[stack]" && address < heapEnd
	}
	if err := lines.Err(); err != nil {
		return Footprint{}, err
	}
	if rss == 0 {
		return Footprint{}, errNoSmaps // a zombie, or a kernel that does not say
	}
	f := Footprint{RSSBytes: &rss, PSSBytes: &pss, AnonymousBytes: &anonymous}
	if heap > 0 && !low {
		f.GoHeapBytes = &heap
	}
	return f, nil
}

// kilobytes reads "    692 kB".
func kilobytes(text string) (int64, error) {
	number, ok := strings.CutSuffix(strings.TrimSpace(text), " kB")
	n, err := strconv.ParseUint(number, 10, 42) // no machine has 4 PiB
	if !ok || err != nil {
		return 0, errors.New("want a number of kB")
	}
	return int64(n) << 10, nil
}
