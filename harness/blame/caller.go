package blame

import (
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// callers tells which line of the application led the standard library to create
// goroutines. Their stacks do not say: a Transport dials in a goroutine of its own,
// and only that one's creator is known. The heap does, since what never ends keeps
// what was made for it: a connection its request, whose stack leads from the
// library's functions to the application's call.
type callers struct {
	byFunction map[string]retained // by a function of the library
	byOwner    map[string]retained // by what such a function belongs to
}

// retained is what grew below each call of the application.
type retained map[harness.Frame]growths

// growths is what came to be in use and stayed.
type growths struct{ bytes, objects float64 }

// findCallers looks through the stacks of heap profiles for those at whose end the
// standard library allocates for the application.
func findCallers(heap []Point) callers {
	c := callers{byFunction: make(map[string]retained), byOwner: make(map[string]retained)}
	for _, r := range tabulate(heap, heapColumns, false).rows {
		inside := slices.IndexFunc(r.stack, func(f harness.Frame) bool { return !isStandard(f) })
		if inside < 0 {
			continue
		}
		grown := growths{bytes: growth(r.values), objects: growth(r.counts)}
		functions, owners := make(map[string]bool), make(map[string]bool)
		for _, f := range r.stack[:inside] {
			if name := withoutTypeArguments(f.Function); !isRuntime(f) {
				functions[name], owners[ownerOf(name)] = true, true
			}
		}
		add(c.byFunction, functions, r.stack[inside], grown)
		add(c.byOwner, owners, r.stack[inside], grown)
	}
	return c
}

func add(to map[string]retained, keys map[string]bool, call harness.Frame, grown growths) {
	for key := range keys {
		calls := to[key]
		if calls == nil {
			calls = make(retained)
			to[key] = calls
		}
		sum := calls[call]
		calls[call] = growths{sum.bytes + grown.bytes, sum.objects + grown.objects}
	}
}

// objectsPerGoroutine is the least that a call must have retained to be held to
// have led to goroutines: one object for the two that serve a connection. What
// fills up once, and other calls of the same library, retain none.
const objectsPerGoroutine = 0.5

// most is the call that retained the most bytes, and enough objects for so many
// goroutines.
func (calls retained) most(goroutines float64) (call harness.Frame, found bool) {
	best := 0.0
	for f, g := range calls {
		if g.objects < objectsPerGoroutine*goroutines || g.bytes < best || g.bytes <= 0 {
			continue
		}
		if g.bytes > best || compareFrames(f, call) < 0 {
			call, best = f, g.bytes
		}
	}
	return call, best > 0
}

// complete is the stack of a number of goroutines with the application's call at
// its end, where all of it is the standard library's and the call is found: the
// one below which their creator allocates, else others of what that belongs to.
func (c callers) complete(stack []harness.Frame, goroutines float64) []harness.Frame {
	if len(stack) == 0 || !isStandard(origin(stack)) {
		return stack
	}
	creator := withoutTypeArguments(stack[len(stack)-1].Function)
	call, found := c.byFunction[creator].most(goroutines)
	if !found {
		call, found = c.byOwner[ownerOf(creator)].most(goroutines)
	}
	if !found {
		return stack
	}
	return append(stack[:len(stack):len(stack)], call)
}

// ownerOf is the type that a function is a method of, else the function that it is
// a closure of, else itself: net/http.Transport of
// net/http.(*Transport).startDialConnForLocked.func1.
func ownerOf(function string) string {
	pkg := packageOf(function)
	name, _, _ := strings.Cut(strings.TrimPrefix(function[len(pkg):], "."), ".")
	return pkg + "." + strings.Trim(name, "(*)")
}
