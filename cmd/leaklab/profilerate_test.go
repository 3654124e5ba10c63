package main

import "testing"

func TestSampledFinely(t *testing.T) {
	for settings, want := range map[string]string{
		"":                                "memprofilerate=65536",
		"gctrace=1":                       "gctrace=1,memprofilerate=65536",
		"memprofilerate=1":                "memprofilerate=1",
		"madvdontneed=1,memprofilerate=0": "madvdontneed=1,memprofilerate=0",
		"xmemprofilerate=1":               "xmemprofilerate=1,memprofilerate=65536",
	} {
		if got := sampledFinely(settings); got != want {
			t.Errorf("with %q: %q, want %q", settings, got, want)
		}
	}
}
