package leaktest

import (
	"testing"
	"time"
)

func init() { defaultPatience = 0 }

// What a call holds for two seconds is no leak, where that is waited for.
func TestPatience(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for what is held: not with -short")
	}
	held := func(int) {
		block := make([]byte, 256)
		time.AfterFunc(2*time.Second, func() { clear(block) })
	}
	Func(t, held, Config{Patience: 12 * time.Second})
	if p := (Config{Patience: -1}).scenario("f", "f").Load.Patience; p != 0 {
		t.Errorf("patience %v of a negative one, want none", p)
	}
}
