package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/owner"
)

var variants = []string{"leaky", "bloom", "dropped"}

// startRedis claims databases for the variants and releases them at the end.
func startRedis(t *testing.T, url string) backend.Service {
	t.Helper()
	service, err := Redis{URL: url}.Start(t.Context(), variants)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	return service
}

// refused is the error of a start that must fail, and holds all the texts and no
// password.
func refused(t *testing.T, source backend.Source, texts ...string) {
	t.Helper()
	_, err := source.Start(t.Context(), variants)
	if err == nil {
		t.Fatalf("%+v starts", source)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error = %v\nwant in it: %s", err, text)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestVariantsGetTheNextDatabases(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireAuth("hunter2")
	if err := server.DB(4).Set("theirs", "1"); err != nil {
		t.Fatal(err)
	}
	s := startRedis(t, "redis://:hunter2@"+server.Addr()+"/9?db=5&protocol=3")
	var urls []string
	for _, variant := range append(variants, "stranger") {
		urls = append(urls, s.URL(variant))
	}
	want := []string{
		"redis://:hunter2@" + server.Addr() + "/5?protocol=3",
		"redis://:hunter2@" + server.Addr() + "/6?protocol=3",
		"redis://:hunter2@" + server.Addr() + "/7?protocol=3",
		"",
	}
	if diff := cmp.Diff(want, urls); diff != "" {
		t.Errorf("URLs (-want +got):\n%s", diff)
	}
	for _, url := range urls[:3] {
		set(t, url, "ours", "1")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[int]int{4: 1, 5: 0, 6: 0, 7: 0} {
		if keys := server.DB(number).Keys(); len(keys) != want {
			t.Errorf("database %d holds %q after Close, want %d keys", number, keys, want)
		}
	}
}

func set(t *testing.T, url, key, value string) {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestUnixSocketKeepsItsPath(t *testing.T) {
	options, err := redis.ParseURL("unix:///run/redis.sock?db=2")
	if err != nil {
		t.Fatal(err)
	}
	if options.DB != 2 {
		t.Fatalf("database = %d, want 2", options.DB)
	}
	u := mustParse(t, "unix:///run/redis.sock?db=2")
	if got, want := withDatabase(u, 3), "unix:///run/redis.sock?db=3"; got != want {
		t.Errorf("withDatabase = %q, want %q", got, want)
	}
}

func TestUsedDatabaseIsRefused(t *testing.T) {
	server := miniredis.RunT(t)
	if err := server.DB(2).Set("theirs", "1"); err != nil {
		t.Fatal(err)
	}
	refused(t, Redis{URL: "redis://" + server.Addr()}, "database 2", "1 keys of somebody else's", "redis-cli -n 2 FLUSHDB")
	if keys := server.DB(2).Keys(); !cmp.Equal(keys, []string{"theirs"}) {
		t.Errorf("a refused database holds %q, want what it held", keys)
	}
	for number := range 2 {
		if keys := server.DB(number).Keys(); len(keys) > 0 {
			t.Errorf("database %d holds %q after a refused start, want nothing", number, keys)
		}
	}
}

func TestDatabaseOfALivingRunIsRefused(t *testing.T) {
	server := miniredis.RunT(t)
	startRedis(t, "redis://"+server.Addr())
	refused(t, Redis{URL: "redis://" + server.Addr() + "/1"}, "database 1", "another run (process "+owner.Mark())
}

func TestDatabaseOfADeadRunIsTakenOver(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Skip("this machine has no name: ", err)
	}
	dead := fmt.Sprintf("%d@%s", child.Process.Pid, host)
	server := miniredis.RunT(t)
	for key, value := range map[string]string{ownerKey: dead, "left": "1"} {
		if err := server.DB(1).Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	startRedis(t, "redis://"+server.Addr())
	if keys := server.DB(1).Keys(); !cmp.Equal(keys, []string{ownerKey}) {
		t.Errorf("a database taken over holds %q, want the mark alone", keys)
	}

	for _, mark := range []string{dead + "x", "dead@" + host, "", host, fmt.Sprint(child.Process.Pid)} {
		if owner.Abandoned(mark) {
			t.Errorf("mark %q passes for that of a dead process of this machine", mark)
		}
	}
}

func TestOfTwoClaimsOneWins(t *testing.T) {
	miniredis := miniredis.RunT(t)
	other := owner.Mark()
	miniredis.Server().SetPreHook(func(_ *server.Peer, cmd string, _ ...string) bool {
		if cmd == "MULTI" { // the other run is faster by a moment
			miniredis.DB(0).Set(ownerKey, other)
		}
		return false
	})
	refused(t, Redis{URL: "redis://" + miniredis.Addr()}, "database 0", "has just begun")
	if got, _ := miniredis.DB(0).Get(ownerKey); got != other {
		t.Errorf("the winner's mark is %q, want %q", got, other)
	}
}

func TestTooFewDatabases(t *testing.T) {
	miniredis := miniredis.RunT(t)
	miniredis.Server().SetPreHook(func(c *server.Peer, cmd string, args ...string) bool {
		if cmd == "SELECT" && args[0] == "16" {
			c.WriteError("ERR DB index is out of range")
			return true
		}
		return false
	})
	refused(t, Redis{URL: "redis://" + miniredis.Addr() + "/14"}, "needs 14 to 16", "3 variants", "`databases 17`")
	for number := range 17 {
		if keys := miniredis.DB(number).Keys(); len(keys) > 0 {
			t.Errorf("database %d holds %q after a refused start, want nothing", number, keys)
		}
	}
}

func TestUnusableRedis(t *testing.T) {
	server := miniredis.RunT(t)
	address := server.Addr()
	server.RequireAuth("secret")
	refused(t, Redis{URL: "redis://:hunter2@" + address}, "redis://xxxxx@"+address, "WRONGPASS", "leave --redis-url out")
	refused(t, Redis{URL: "redis://" + address}, "NOAUTH", "leave --redis-url out")
	server.Close()
	refused(t, Redis{URL: "redis://u:hunter2@" + address}, "redis://xxxxx@"+address, "refused", "leave --redis-url out")
	for _, url := range []string{"redis://u:hunter2", "redis://u:hunter2@h/x", "redis://u:%zzhunter2@h", "redis://u:hun/hunter2@h:1", "http://u:hunter2@h", "u:hunter2@h"} {
		refused(t, Redis{URL: url}, "xxxxx", "cannot be read: want redis://", "percent-encoded")
	}
	refused(t, Redis{URL: "http://h"}, `"http://h" cannot be read`, "invalid URL scheme: http")
	refused(t, Redis{URL: "redis://h?datbase=1"}, "unexpected option: datbase")
}

// TestSilentServer connects to one that takes the connection and says nothing.
func TestSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	for flag, source := range map[string]backend.Source{
		"--redis-url":    Redis{URL: "redis://" + address},
		"--database-url": SQL{URL: "postgres://u:hunter2@" + address + "/db"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := source.Start(ctx, variants)
		if took := time.Since(began); took > answerTime {
			t.Errorf("%T.Start took %v, past its context", source, took)
		}
		if err == nil || !strings.Contains(err.Error(), "no answer") || !strings.Contains(err.Error(), flag) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%T.Start = %v, want no answer, the flag %s and no password", source, err, flag)
		}
	}
}

func TestDriversErrorIsRedacted(t *testing.T) {
	const url = "redis://u:hunter2@h"
	err := unreachable(url, "redis-url", errors.New("dial "+url+"\n\twith hunter2."))
	want := "connect to redis://xxxxx@h: dial redis://xxxxx@h with xxxxx; leave --redis-url out to use the embedded backend"
	if err.Error() != want {
		t.Errorf("error = %v\nwant    %s", err, want)
	}
	if err := unreachable(url, "redis-url", fmt.Errorf("dial: %w", context.Canceled)); err != context.Canceled {
		t.Errorf("error of an interrupted start = %v, want %v", err, context.Canceled)
	}
}

func TestServerGoneBeforeClose(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireAuth("hunter2")
	s := startRedis(t, "redis://:hunter2@"+server.Addr())
	server.Close()
	err := s.Close()
	if err == nil || !strings.Contains(err.Error(), "empty database 2") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Close = %v, want all databases that could not be emptied and no password", err)
	}
}
