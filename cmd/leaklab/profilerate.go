package main

import (
	"fmt"
	"strings"

	"github.com/leaklab/leaklab/harness/lab"
)

// godebug is the environment variable that the settings of Go's runtime are in.
const godebug = "GODEBUG"

// sampledFinely is the runtime's settings with those of the user and the rate that
// names a small leak's line: the runtime's own, a sample in 512 KiB, takes
// megabytes of it. A rate that the user has set stays.
func sampledFinely(settings string) string {
	const rate = "memprofilerate="
	for setting := range strings.SplitSeq(settings, ",") {
		if strings.HasPrefix(setting, rate) {
			return settings
		}
	}
	return strings.TrimPrefix(fmt.Sprintf("%s,%s%d", settings, rate, lab.ProfileRate), ",")
}
