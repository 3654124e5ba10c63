package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/containers"
	"github.com/leaklab/leaklab/harness/backend/embedded"
	"github.com/leaklab/leaklab/harness/backend/external"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/scenarios"
)

// Note: that a port is taken is a fault of a user's program, see TestCommands.
// Targets of ours, probes and embedded backends listen on port 0, where the kernel
// gives a free one.

func TestBackendMissingAtStart(t *testing.T) {
	t.Parallel()
	dead := deadAddress(t)
	for name, test := range map[string]struct {
		flag string
		want []string
	}{
		"SQL":                  {"--database-url postgres://bob:s3cret@" + dead + "/db", []string{"backend sql: ", dead, "connection refused", "leave --database-url out"}},
		"SQL in a directory":   {"--database-url tmp", []string{"backend sql: ", "tmp"}},
		"SQL that is no SQL":   {"--database-url pair.yaml", []string{"backend sql: ", "pair.yaml"}},
		"SQL in no such place": {"--database-url nowhere/db", []string{"backend sql: ", "nowhere/db"}},
		"Redis":                {"--redis-url redis://:s3cret@" + dead + "/0", []string{"backend redis: ", dead, "connection refused", "leave --redis-url out"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShell(t)
			r := s.run("run ./single.yaml --no-self-test --out out " + test.flag)
			r.want(harness.ExitNotRun, append(test.want, "leaklab: error: ")...)
			if strings.Contains(r.stdout+r.stderr, "s3cret") {
				t.Errorf("the password is shown:\n%s%s", r.stdout, r.stderr)
			}
			// Nothing was measured: nothing stands in the way of the next run.
			if _, err := os.Stat(filepath.Join(s.dir, "out", journal.RecordFile)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a record of nothing: %v", err)
			}
			s.wantNoTemp()
		})
	}
}

func TestPasswordsAreNotOnRecord(t *testing.T) {
	cmd := newRun(streams{})
	if err := cmd.ParseFlags([]string{"--redis-url", "redis://:s3cret@localhost:1/0", "--database-url", "host=h password=s3cret"}); err != nil {
		t.Fatal(err)
	}
	line := strings.Join(commandLine(cmd, nil), " ")
	if strings.Contains(line, "s3cret") || !strings.Contains(line, "localhost:1") {
		t.Errorf("the command on record: %s", line)
	}
}

// A URL says more than --backend, and a scenario may mix its backends.
func TestSourcesOfBackends(t *testing.T) {
	o := backendOptions{from: harness.Containers, redisURL: "redis://localhost:1/0"}
	want := []scenarios.Set{{Key: "backends.redis", Value: harness.External}, {Key: "backends.sql", Value: harness.Containers}}
	if diff := cmp.Diff(want, o.sets()); diff != "" {
		t.Errorf("keys that the flags set (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		from harness.Backends
		want backend.Sources
	}{
		{harness.Backends{}, backend.Sources{Redis: embedded.Redis{}, SQL: embedded.SQL{}}},
		{harness.Backends{Redis: harness.External, SQL: harness.Containers, SQLImage: "postgres:17"},
			backend.Sources{Redis: external.Redis{URL: o.redisURL}, SQL: containers.SQL{Image: "postgres:17"}}},
		{harness.Backends{Redis: harness.Containers, SQL: harness.Embedded}, backend.Sources{Redis: containers.Redis{}, SQL: embedded.SQL{}}},
	} {
		if diff := cmp.Diff(tt.want, o.sources(tt.from)); diff != "" {
			t.Errorf("sources of %+v (-want +got):\n%s", tt.from, diff)
		}
	}
}

// deadAddress is one where nobody listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Requests fail while Redis is down, and are no evidence: the verdict is that of
// the others.
func TestRedisDiesAndComesBack(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	redis := miniredis.RunT(t)
	c := s.start("run ./single.yaml --no-self-test --out out --rate 1000/s --min-segments 24 --max-segments 40 --redis-url redis://" + redis.Addr())
	c.await("segment 1 of")
	redis.Close()
	c.until("requests fail", func() bool { return failed(s) > 0 })
	if err := redis.Restart(); err != nil {
		t.Fatal(err)
	}
	r := c.wait()
	if r.code != int(harness.ExitPass) && r.code != int(harness.ExitInconclusive) {
		r.want(harness.ExitPass)
	}
	r.wantNoClientLog()
	v := s.record("out").Variants[0]
	if v.Load.Statuses[503] == 0 || v.Load.Statuses[503] != v.Load.Errors || v.Load.Errors > v.Load.Requests/2 || v.Answers.Wrong != 0 {
		t.Errorf("statuses %v, %d errors of %d requests, %d wrong answers; want some 503, fewer than half, no other error and no wrong answer",
			v.Load.Statuses, v.Load.Errors, v.Load.Requests, v.Answers.Wrong)
	}
	if left := redis.Keys(); len(left) > 0 {
		t.Errorf("keys left in Redis: %q", left)
	}
}

func TestRedisDiesForGood(t *testing.T) {
	skipSlow(t)
	s := newShell(t)
	redis := miniredis.RunT(t)
	c := s.start("run ./single.yaml --no-self-test --out out --rate 400/s --min-segments 20 --max-segments 20 --redis-url redis://" + redis.Addr())
	c.await("segment 1 of")
	redis.Close()
	r := c.wait()
	r.want(harness.ExitNotRun, "NOT MEASURED: array failed most requests")
	r.wantNoClientLog()
	record := s.record("out")
	if code := record.ExitCode(); code != harness.ExitNotRun {
		t.Errorf("exit code of the record: %d, want %d", code, harness.ExitNotRun)
	}
	v := record.Variants[0]
	if v.Load.Errors <= v.Load.Requests/2 || v.Load.FirstError == "" || v.Verdict.Outcome == harness.Fail {
		t.Errorf("%d errors of %d requests, first %q, verdict %s", v.Load.Errors, v.Load.Requests, v.Load.FirstError, v.Verdict.Outcome)
	}
}

// wantNoClientLog fails the test when the Redis client has logged to standard
// error, beside the progress.
func (r result) wantNoClientLog() {
	r.Helper()
	if strings.Contains(r.stderr, "connection pool") {
		r.Errorf("the Redis client's log is mixed into the progress:\n%s", r.stderr)
	}
}

// failed is how many requests of the first variant have failed so far.
func failed(s shell) int {
	record, err := journal.Read(s.path("out"))
	if err != nil || len(record.Variants) == 0 {
		return 0
	}
	return record.Variants[0].Load.Errors
}
