package leaktest

import (
	"fmt"
	"sync"
	"testing"
)

// call is one call of Handler or Func: the number-th of a test, from 1. The test
// of a child process comes to the same call under the same name.
type call struct {
	test   string
	number int
}

func (c call) String() string { return fmt.Sprintf("%d %s", c.number, c.test) }

// calls counts the calls of the tests that are running. A test that runs again,
// with -count, begins anew.
var calls = struct {
	sync.Mutex
	made map[string]int
}{made: map[string]int{}}

// nextCall is the call that a test has just made.
func nextCall(t testing.TB) call {
	name := t.Name()
	calls.Lock()
	defer calls.Unlock()
	if calls.made[name] == 0 {
		t.Cleanup(func() {
			calls.Lock()
			defer calls.Unlock()
			delete(calls.made, name)
		})
	}
	calls.made[name]++
	return call{name, calls.made[name]}
}
