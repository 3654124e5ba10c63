package external

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

func mustParse(t *testing.T, text string) url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return *u
}

// writePage answers a SCAN.
func writePage(c *server.Peer, next string, keys ...string) {
	c.WriteLen(2)
	c.WriteBulk(next)
	c.WriteLen(len(keys))
	for _, key := range keys {
		c.WriteBulk(key)
	}
}

func TestMemoryIsTheSumOfTheVariantsKeys(t *testing.T) {
	miniredis := miniredis.RunT(t)
	s := startRedis(t, "redis://"+miniredis.Addr())
	asked := map[string]bool{}
	miniredis.Server().SetPreHook(func(c *server.Peer, cmd string, args ...string) bool {
		switch {
		case cmd == "SCAN" && args[0] == "0": // two pages: miniredis knows one only
			writePage(c, "7", "user:1", ownerKey)
		case cmd == "SCAN":
			writePage(c, "0", "user:2", "gone")
		case cmd != "MEMORY":
			return false
		case len(args) != 4 || args[0] != "usage" || args[2] != "SAMPLES" || args[3] != "0":
			t.Errorf("asked for MEMORY %q, want usage of a key with 0 samples", args)
			return false
		case args[1] == "gone":
			c.WriteNull()
		default:
			asked[args[1]] = true
			c.WriteInt(10)
		}
		return true
	})
	bytes, err := s.MemoryBytes(t.Context(), "leaky")
	if err != nil || bytes == nil || *bytes != 20 {
		t.Errorf("MemoryBytes = %v, %v, want 20", bytes, err)
	}
	if asked[ownerKey] {
		t.Error("the owner's mark counts as the variant's memory")
	}
	if bytes, err := s.MemoryBytes(t.Context(), "stranger"); err != nil || bytes != nil {
		t.Errorf("MemoryBytes of an unknown variant = %v, %v, want nothing", bytes, err)
	}
}

func TestMemoryIsUnknownWhereTheServerDoesNotTell(t *testing.T) {
	miniredis := miniredis.RunT(t)
	s := startRedis(t, "redis://"+miniredis.Addr())
	miniredis.DB(0).Set("user", "risky")
	miniredis.Server().SetPreHook(func(c *server.Peer, cmd string, _ ...string) bool {
		if cmd == "MEMORY" {
			c.WriteError("NOPERM this user has no permissions to run the 'memory|usage' command")
		}
		return cmd == "MEMORY"
	})
	if bytes, err := s.MemoryBytes(t.Context(), "leaky"); err != nil || bytes != nil {
		t.Errorf("MemoryBytes = %v, %v, want nothing", bytes, err)
	}
	miniredis.Close()
	if _, err := s.MemoryBytes(t.Context(), "leaky"); err == nil || !strings.Contains(err.Error(), "database 0") {
		t.Errorf("MemoryBytes of a server that is gone = %v, want an error that names the database", err)
	}
}

// TestMemoryOfTooManyKeys scans a database that has no end.
func TestMemoryOfTooManyKeys(t *testing.T) {
	miniredis := miniredis.RunT(t)
	s := startRedis(t, "redis://"+miniredis.Addr())
	miniredis.Server().SetPreHook(func(c *server.Peer, cmd string, _ ...string) bool {
		if cmd != "SCAN" {
			return false
		}
		writePage(c, "1", slices.Repeat([]string{ownerKey}, scanBatch)...)
		return true
	})
	if bytes, err := s.MemoryBytes(t.Context(), "leaky"); err == nil || !strings.Contains(err.Error(), "more than 100000 keys") {
		t.Errorf("MemoryBytes = %v, %v, want an error about 100000 keys", bytes, err)
	}
}
