package leaktest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// recorder is a test that says what a test under test would have said.
type recorder struct {
	testing.TB
	failed bool
	said   []string
}

func (r *recorder) Helper() {}

func (r *recorder) Log(args ...any) { r.said = append(r.said, fmt.Sprint(args...)) }

func (r *recorder) Logf(format string, args ...any) { r.Log(fmt.Sprintf(format, args...)) }

func (r *recorder) Error(args ...any) {
	r.failed = true
	r.Log(args...)
}

func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }

// stop is what ends a test that failed at once.
type stop struct{}

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	panic(stop{})
}

func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// observe runs a test and returns what it said and whether it failed.
func observe(t *testing.T, test func(t testing.TB)) (said string, failed bool) {
	t.Helper()
	r := &recorder{TB: t}
	func() {
		defer func() {
			switch v := recover(); v {
			case nil, stop{}:
			default:
				panic(v)
			}
		}()
		test(r)
	}()
	return strings.Join(r.said, "\n"), r.failed
}

// leak is a list that grows by a node of 16 bytes.
type leak struct {
	mu   sync.Mutex
	last *node
}

type node struct {
	before *node
	i      int
}

func (l *leak) keep(i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = &node{l.last, i}
}

// wantAll checks that a text has all of the parts.
func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
}
