package leaktest

import (
	"regexp"
	"strings"
	"testing"
)

// TestPatternMatchesOneTest matches names as package testing does, level by level.
func TestPatternMatchesOneTest(t *testing.T) {
	for _, name := range []string{"TestA", "TestA/b", "TestA/b/c#01", "TestA/1+1=2", "TestA/$x"} {
		levels := strings.Split(pattern(name), "/")
		for i, level := range strings.Split(name, "/") {
			if !regexp.MustCompile(levels[i]).MatchString(level) {
				t.Errorf("%s: %s does not match %s", name, levels[i], level)
			}
			if regexp.MustCompile(levels[i]).MatchString(level + "2") {
				t.Errorf("%s: %s matches more than %s", name, levels[i], level)
			}
		}
	}
}

func TestArgumentsAreThoseOfTheTestAlone(t *testing.T) {
	args := arguments("TestA")
	if args[0] != "-test.run=^TestA$" {
		t.Errorf("first argument %q, want -test.run of the test", args[0])
	}
	for _, arg := range args[1:] {
		if strings.HasPrefix(arg, "-test.") && !strings.HasPrefix(arg, "-test.short=") {
			t.Errorf("argument %q is passed on", arg)
		}
	}
}

// TestCallsAreCountedByTest gives the calls of a test numbers that a second run of
// it gives again.
func TestCallsAreCountedByTest(t *testing.T) {
	numbers := func() (numbers []int) {
		t.Run("sub", func(t *testing.T) {
			for range 2 {
				numbers = append(numbers, nextCall(t).number)
			}
		})
		return numbers
	}
	first := numbers()
	nextCall(t)
	if len(first) != 2 || first[0] != 1 || first[1] != 2 {
		t.Errorf("numbers %v, want 1 and 2", first)
	}
	t.Run("again", func(t *testing.T) {
		for range 2 {
			ran := 0
			func() {
				r := &cleaner{TB: t}
				defer r.clean()
				ran = nextCall(r).number
			}()
			if ran != 1 {
				t.Errorf("first call of a run has number %d, want 1", ran)
			}
		}
	})
}

// cleaner is a test whose end can be had early.
type cleaner struct {
	testing.TB
	cleanups []func()
}

func (c *cleaner) Cleanup(f func()) { c.cleanups = append(c.cleanups, f) }

func (c *cleaner) clean() {
	for _, f := range c.cleanups {
		f()
	}
}
