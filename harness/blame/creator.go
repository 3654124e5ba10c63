package blame

import (
	"strconv"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// maxStacksBytes is how much of the text of stacks is read: some 7 000
// goroutines of ten frames each. The runtime lists old and new ones mixed, since
// it reuses the places of those that ended, and a leak's goroutines are alike.
const maxStacksBytes = 4 << 20

// creators tells where goroutines were created. A goroutine profile does not
// say, and the text of stacks, which does, is too long to be read whole: they
// meet in what a goroutine runs.
type creators struct {
	byStack map[string]tally // by all functions of a goroutine
	byEntry map[string]tally // by its outermost one
}

// tally counts goroutines by the go statement that created them.
type tally map[harness.Frame]int

// most is the go statement that created most of the goroutines.
func (t tally) most() (frame harness.Frame, found bool) {
	best := 0
	for f, n := range t {
		if n > best || n == best && compareFrames(f, frame) < 0 {
			frame, best = f, n
		}
	}
	return frame, best > 0
}

// parseCreators reads the text of goroutines' stacks:
//
//	goroutine 18 [chan receive]:
//	shop.(*Pool).work(0xc000012345, {0x6a1f20, 0x3})
//		/src/shop/pool.go:31 +0x4f
//	created by shop.NewPool in goroutine 1
//		/src/shop/pool.go:20 +0x85
//
// What it does not understand it leaves out, half a goroutine at the end of the
// text among it. After its creator a goroutine may have ancestors, with
// GODEBUG=tracebackancestors: they are not its own.
func parseCreators(text []byte) creators {
	c := creators{byStack: make(map[string]tally), byEntry: make(map[string]tally)}
	var (
		inside  bool // a goroutine whose creator has not come yet
		creator string
		stack   []string
	)
	for line := range strings.Lines(string(text[:min(len(text), maxStacksBytes)])) {
		line, whole := strings.CutSuffix(line, "\n")
		name, isCreator := strings.CutPrefix(line, "created by ")
		switch {
		case strings.HasPrefix(line, "goroutine "):
			inside, creator, stack = true, "", stack[:0]
		case !inside:
		case creator != "":
			if file, number, ok := position(line); ok && whole {
				c.count(stack, harness.Frame{Function: creator, File: file, Line: number})
			}
			inside = false
		case isCreator:
			creator, _, _ = strings.Cut(name, " in goroutine ")
			inside = creator != ""
		case !strings.HasPrefix(line, "\t"):
			if i := strings.LastIndexByte(line, '('); i > 0 {
				stack = append(stack, line[:i])
			}
		}
	}
	return c
}

// position reads the second line of a call: a tab, file:line, and perhaps an
// offset.
func position(line string) (file string, number int, ok bool) {
	line, tab := strings.CutPrefix(line, "\t")
	if i := strings.LastIndex(line, " +0x"); i >= 0 {
		line = line[:i]
	}
	i := strings.LastIndexByte(line, ':')
	if !tab || i <= 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(line[i+1:])
	return line[:i], number, err == nil && number > 0
}

// count notes one goroutine, its functions innermost first.
func (c creators) count(functions []string, creator harness.Frame) {
	stack, entry := goroutineKeys(functions)
	for _, at := range []struct {
		tallies map[string]tally
		key     string
	}{{c.byStack, stack}, {c.byEntry, entry}} {
		t := at.tallies[at.key]
		if t == nil {
			t = make(tally)
			at.tallies[at.key] = t
		}
		t[creator]++
	}
}

// complete is a goroutine's stack with its creator at the end, where that is
// known: of the goroutines with the same functions, else of those that run the
// same one. Where several create them, it is the one that created most.
func (c creators) complete(stack []harness.Frame) []harness.Frame {
	functions := make([]string, len(stack))
	for i, f := range stack {
		functions[i] = f.Function
	}
	whole, entry := goroutineKeys(functions)
	if entry == "" {
		return stack
	}
	creator, found := c.byStack[whole].most()
	if !found {
		creator, found = c.byEntry[entry].most()
	}
	if !found {
		return stack
	}
	return append(stack[:len(stack):len(stack)], creator)
}

// goroutineKeys are what a goroutine is found by, the same for a profile and a
// text: all its functions, and the outermost one. The text leaves out the
// runtime's own functions and shortens type arguments.
func goroutineKeys(functions []string) (stack, entry string) {
	var b strings.Builder
	for _, f := range functions {
		if strings.HasPrefix(f, "runtime.") {
			continue
		}
		entry = withoutTypeArguments(f)
		b.WriteString(entry)
		b.WriteByte(0)
	}
	return b.String(), entry
}
