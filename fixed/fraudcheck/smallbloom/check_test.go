package smallbloom

import (
	"fmt"
	"testing"
)

// TestFilterIsOutgrown has the filter keep its promise at its capacity and say yes
// of nearly everybody at ten times that. The ids are fixed, so the share is no
// chance.
func TestFilterIsOutgrown(t *testing.T) {
	for _, tt := range []struct {
		users       int
		least, most float64
	}{{capacity, 0.005, 0.015}, {10 * capacity, 0.98, 1}} {
		ids := make([]string, tt.users)
		for i := range ids {
			ids[i] = fmt.Sprintf("u%016x", i)
		}
		filter := filterOf(ids)
		const others = 20_000
		yes := 0
		for i := range others {
			if filter.TestString(fmt.Sprintf("u%016x", tt.users+i)) {
				yes++
			}
		}
		if share := float64(yes) / others; share < tt.least || share > tt.most {
			t.Errorf("%d users: %.3f of the others are taken for risky, want %v to %v", tt.users, share, tt.least, tt.most)
		}
	}
}
