package bloom

import (
	"fmt"
	"testing"
)

// TestFilterKeepsItsPromise has filters at their capacity and beyond it: all
// members are found, and of others one in a hundred. The ids are fixed, so the
// count is no chance.
func TestFilterKeepsItsPromise(t *testing.T) {
	for _, users := range []int{capacity, 3 * capacity} {
		ids := make([]string, users)
		for i := range ids {
			ids[i] = fmt.Sprintf("u%016x", i)
		}
		filter := filterOf(ids)
		for _, id := range ids {
			if !filter.TestString(id) {
				t.Fatalf("filter of %d users has lost %s", users, id)
			}
		}
		const others = 20_000
		wrong := 0
		for i := range others {
			if filter.TestString(fmt.Sprintf("u%016x", users+i)) {
				wrong++
			}
		}
		if want := falsePositives * others; float64(wrong) < want/2 || float64(wrong) > want*3/2 {
			t.Errorf("filter of %d users: %d false positives of %d, want about %v", users, wrong, others, want)
		}
	}
}
